// SPDX-License-Identifier: Apache-2.0
// One line of the event log: what became due, numbered and committed before anybody was told. A
// listener that was away asks for what came after the last number it knows.
#pragma once

#include <cstdint>
#include <string>

#include "base/code.h"
#include "base/ids.h"
#include "base/time.h"
#include "core/job.h"

namespace backhaul::core {

// A line without a kind says that the job has ended, and how: nobody is notified of that, yet
// whoever asks for the job later must hear what became of it.
struct EventRecord {
  std::uint64_t sequence = 0;
  base::JobId job;
  NotifyKind kind = NotifyKind::none;
  base::JobState end = base::JobState::queued;  // ACKNOWLEDGED or CANCELLED; of an end only
  std::uint64_t order = 0;                      // Job::order; of an end only
  std::uint32_t file = base::no_file;  // of file_transferred; of job_error where it belongs to one
  base::Code code = base::Code::S_OK;  // of job_error
  std::uint32_t owner_uid = 0;
  base::WallTime time{};
  Rare<std::string> application;  // of the job
  base::Text account{};           // of its owner

  bool operator==(const EventRecord&) const = default;
};

}  // namespace backhaul::core
