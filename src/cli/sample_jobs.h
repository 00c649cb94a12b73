// SPDX-License-Identifier: Apache-2.0
// Jobs for the tests of what people are shown.
#pragma once

#include <backhaul/codes.h>

#include <chrono>
#include <cstdint>

#include "cli/view.h"

namespace backhaul::cli::sample {

inline const Time noon{std::chrono::microseconds(1'795'353'245'000'000)};  // 2026-11-22T13:14:05Z

constexpr std::uint32_t http(std::uint32_t status) { return http_code(status); }

inline JobView job() {
  JobView j;
  j.id = "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9";
  j.name = "nightly";
  j.owner = "ana";
  j.state = JobState::transferring;
  j.bytes_total = 104'857'600;
  j.bytes_done = 40'370'176;
  j.files_total = 3;
  j.files_done = 1;
  j.created = j.modified = noon;
  j.rate = 812'300;
  j.average_rate = 420'000;
  j.bytes_resumed = 1'048'576;
  j.waiting.kind = "nothing";
  return j;
}

inline JobView retrying() {
  JobView j = job();
  j.state = JobState::transient_error;
  j.rate.reset();
  j.error = {code::winhttp_name_not_resolved, ErrorContext::remote_file, 1, ""};
  j.waiting = {"retry", noon, noon + std::chrono::seconds(552), {}, "retry in 9 min 12 s after an error"};
  return j;
}

inline JobView failed(std::uint32_t code, ErrorContext context = ErrorContext::remote_file) {
  JobView j = job();
  j.state = JobState::error;
  j.rate.reset();
  j.error = {code, context, 1, ""};
  j.waiting = {"owner-error", noon, {}, {}, "stopped"};
  return j;
}

// Its owner has to complete it.
inline JobView transferred() {
  JobView j = job();
  j.state = JobState::transferred;
  j.rate.reset();
  j.bytes_done = j.bytes_total;
  j.files_done = j.files_total;
  j.waiting = {"owner-complete", noon, {}, {}, "transferred; waiting to be completed"};
  return j;
}

}  // namespace backhaul::cli::sample
