// SPDX-License-Identifier: Apache-2.0
#include "daemon/start.h"

#include <sys/stat.h>
#include <sysexits.h>

#include <cstdio>

namespace backhaul::daemon {

engine::Settings engine_settings(const Settings& settings, const bus::Place& place) {
  engine::Settings result;
  result.jobs_per_user = settings.max_jobs_per_user;
  result.jobs_per_machine = settings.max_jobs_per_machine;
  result.files_per_job = settings.max_files_per_job;
  result.foreground_jobs = settings.max_foreground_jobs;
  result.slice = std::chrono::seconds(settings.time_slice_s);
  result.class_start_timeout = std::chrono::seconds(settings.class_start_timeout_s);
  result.inactivity_timeout = std::chrono::hours(24) * settings.inactivity_timeout_days;
  result.run_commands = settings.run_commands;
  result.homes = {place.home, place.runtime_dir.empty() ? place.user_runtime_dir : place.runtime_dir};
  return result;
}

mode_t current_umask() {
  const mode_t mask = umask(077);
  umask(mask);
  return mask;
}

int print(const std::string& text) {
  const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? EX_OK : EX_IOERR;
}

int fail(base::Log& log, int code, const base::Error& why) {
  log.write(base::LogLevel::error, why.text.empty() ? base::describe(why.code) : why.text);
  return code;
}

int exit_code(Driver::End end, const Footing& footing) {
  return end == Driver::End::bus_lost && footing.on_private_bus ? EX_UNAVAILABLE : EX_OK;
}

}  // namespace backhaul::daemon
