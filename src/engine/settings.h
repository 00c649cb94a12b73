// SPDX-License-Identifier: Apache-2.0
// Numbers an administrator may change; the defaults are the shipped ones (docs/architecture.md).
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "base/time.h"
#include "core/admission.h"
#include "core/admit.h"
#include "core/schedule.h"

namespace backhaul::engine {

struct Settings {
  std::uint32_t jobs_per_user = 100'000;  // root is exempt from all four, as administrators are
  std::uint32_t jobs_per_machine = 100'000;
  std::uint32_t jobs_per_application = 50'000;  // of one user; see core::Creator
  std::set<std::string, std::less<>> exempt_applications{};  // by their names, of that limit alone
  std::uint32_t files_per_job = 100'000;
  std::uint32_t ranges_per_file = 500;
  std::uint32_t foreground_jobs = 32;     // run at once; more wait for their turn
  std::uint32_t connections_per_server = core::connections_per_server;
  std::uint32_t notifications_per_user = 4;
  std::uint32_t questions_per_program = 4;  // about certificates, at once
  std::uint32_t registrations_per_program = 100'000;  // jobs with an object of one connection
  base::Microseconds slice = core::slice_length;
  base::Microseconds class_start_timeout = std::chrono::seconds(60);
  base::Microseconds store_retry = std::chrono::seconds(5);
  base::Microseconds shortage_retry = std::chrono::seconds(5);  // doubles up to a minute
  base::Microseconds inactivity_scan = std::chrono::hours(1);  // how long it ran is kept as often
  base::Microseconds inactivity_timeout = std::chrono::seconds(core::inactivity_timeout_s);
  base::Microseconds maximum_download_time = std::chrono::hours(24) * 90;  // of jobs that say nothing else
  bool run_commands = true;  // false: command lines are kept and shown, never run
  bool machine_wide = false;  // one service for all users
  std::uint32_t inputs_per_turn = 256;
  core::Policy policy{};  // what the world has to be like, until the settings are read again
  // "file:line" of these; empty: nobody set them
  std::string slice_said{}, foreground_said{}, connections_said{};
  std::string application_limit_said{};         // likewise
  core::Homes homes{};  // of the user: where confined applications have their folders
};

inline base::Seconds usual_download_time(const Settings& settings) {
  return std::chrono::duration_cast<base::Seconds>(settings.maximum_download_time);
}

}  // namespace backhaul::engine
