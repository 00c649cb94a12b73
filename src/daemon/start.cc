// SPDX-License-Identifier: Apache-2.0
#include "daemon/start.h"

#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "bus/start_failure.h"
#include "daemon/bus_keeper.h"
#include "daemon/refusal.h"

namespace backhaul::daemon {

engine::Settings engine_settings(const Footing& footing, const bus::Place& place) {
  const Settings& settings = footing.settings;
  engine::Settings result;
  result.class_start_timeout = std::chrono::seconds(settings.class_start_timeout_s);
  result.machine_wide = footing.is_machines();
  result.policy = footing.policy;
  // Of one user. Where each owner has a home of its own, none of them is known here.
  if (!footing.is_machines())
    result.homes = {place.home, place.runtime_dir.empty() ? place.user_runtime_dir : place.runtime_dir};
  return result;
}

mode_t current_umask() {
  const mode_t mask = umask(077);
  umask(mask);
  return mask;
}

int print_check(const Options& options) {
  const SettingsPlaces machine = machine_settings_places();
  const bool of_machine = options.system || options.settings_file.starts_with("/etc/backhaul/");
  const auto said = check_settings(options.settings_file, machine, !of_machine);
  if (!said) {
    std::fprintf(stderr, "%s\n", said.error().text.c_str());
    return EX_NOINPUT;
  }
  std::string text;
  bool faulty = false;
  for (const std::string& line : *said) {
    text += line + "\n";
    faulty = faulty || line.starts_with("error");
  }
  if (const int written = print(text); written != EX_OK) return written;
  return faulty ? EX_CONFIG : EX_OK;
}

int print(const std::string& text) {
  const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? EX_OK : EX_IOERR;
}

int fail(const Footing& footing, int code, const base::Error& why) {
  const std::string text = why.text.empty() ? base::describe(why.code) : why.text;
  footing.log->write(base::LogLevel::error, text);
  bus::write_start_failure(footing.state_folder, {code, text});
  return code;
}

base::Result<void> announce(Footing& footing) {
  bus::clear_start_failure(footing.state_folder);
  return footing.announce();
}

int wrong_use(bool system, const bus::Place& place, const std::string& what) {
  std::fprintf(stderr, "backhauld: %s\n", what.c_str());
  const bus::StartFailure failure{EX_USAGE, what};
  bus::write_start_failure(place.state_dir(), failure);
  tell_callers(system, place, failure);
  return EX_USAGE;
}

// The link leads to the file that runs, also when another one was installed in its place.
std::vector<std::string> find_proxy_command() { return {"/proc/self/exe", "--find-proxy"}; }

std::vector<std::string> salvage_command() { return {"/proc/self/exe", "--salvage"}; }

int exit_code(Driver::End end, const Footing& footing) {
  switch (end) {
    case Driver::End::idle:
    case Driver::End::asked: return EX_OK;
    case Driver::End::bus_lost: return footing.bus_kind == BusKind::session ? EX_OK : EX_UNAVAILABLE;
    case Driver::End::queue_damaged: return EX_IOERR;
  }
  return EX_OK;
}

void tell_of_lost_queue(const Footing& footing, const Guarded& guarded, std::size_t jobs) {
  std::string what = "its queue was removed or replaced while it ran";
  if (jobs > 0)
    what += ", and " + std::to_string(jobs) + (jobs == 1 ? " job is" : " jobs are") + " lost with it unless it is put back";
  footing.log->write(base::LogLevel::error, "the service ends: " + what);
  guarded.readiness.tell_reason(what);
}

void leave_behind(std::size_t threads, Footing& footing, const Guarded& guarded,
                  const bus::Place& place, int code) {
  const bool one = threads == 1;
  footing.log->write(base::LogLevel::warning,
                     std::to_string(threads) + (one ? " thread waits" : " threads wait") +
                         " for a file system that does not answer; the service ends without " +
                         (one ? "it" : "them"));
  // Nobody is there to end a bus of its own later, and nobody waits here until it is not needed.
  if (guarded.asked_to_end) tidy_up_alone(guarded, place, {});
  { const Instance given_back = std::move(footing.instance); }
  _exit(code);
}

}  // namespace backhaul::daemon
