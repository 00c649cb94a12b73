// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/launcher.h"

#include <grp.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "adapters/posix/account_lookup.h"
#include "adapters/posix/failure.h"
#include "adapters/posix/journal_stream.h"
#include "core/command_line.h"

namespace backhaul::posix {
namespace {

using base::Code;

bool is_named(const std::string& variable, std::string_view name) {
  return variable.starts_with(name) && variable.size() > name.size() &&
         variable[name.size()] == '=';
}

// What systemd and the bus told the service about itself is not true of the program.
bool is_of_the_service(const std::string& variable) {
  return variable.starts_with("WATCHDOG_") || variable.starts_with("LISTEN_") ||
         variable.starts_with("DBUS_STARTER_") || is_named(variable, "NOTIFY_SOCKET") ||
         is_named(variable, "SYSTEMD_EXEC_PID") || is_named(variable, "DBUS_SESSION_BUS_ADDRESS");
}

std::vector<std::string> environment_for_programs(const std::string& bus_address) {
  std::vector<std::string> list;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!is_of_the_service(*variable)) list.emplace_back(*variable);
  if (!bus_address.empty()) list.push_back("DBUS_SESSION_BUS_ADDRESS=" + bus_address);
  return list;
}

// A descriptor on which writing never ends the writer; -1 if this one is none.
int safe_output(int fd) {
  struct stat status{};
  if (fd < 0 || fstat(fd, &status) < 0) return -1;
  const bool safe = S_ISREG(status.st_mode) || S_ISCHR(status.st_mode) ||
                    (S_ISSOCK(status.st_mode) && is_journal(fd));
  return safe ? fd : -1;
}

base::Result<AccountEntry> find_person(uid_t uid) {
  AccountAnswer answer = account_numbered(uid);
  if (answer && answer->has_value()) return **std::move(answer);
  return base::Error(answer ? Code::E_FAIL : base::code_from_errno(answer.error()),
                     "no account has the user id " + std::to_string(uid));
}

Identity identity_of(const AccountEntry& person, uid_t uid) {
  int count = 32;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  while (getgrouplist(person.name.c_str(), person.gid, groups.data(), &count) < 0)
    groups.resize(static_cast<std::size_t>(count));
  groups.resize(static_cast<std::size_t>(count));
  return {uid, person.gid, std::move(groups)};
}

// Somebody else's program gets nothing of our environment but language and time zone.
std::vector<std::string> environment_of(const AccountEntry& person, const std::vector<std::string>& ours) {
  std::vector<std::string> list = login_environment(person);
  for (const std::string& variable : ours)
    if (is_named(variable, "LANG") || variable.starts_with("LC_") || is_named(variable, "TZ"))
      list.push_back(variable);
  return list;
}

// On the worker. Nobody but root can become somebody else.
base::Result<Started> start_as(uid_t uid, Program program) {
  const bool ourselves = uid == geteuid();
  if (!ourselves && geteuid() != 0)
    return base::Error(Code::E_ACCESSDENIED,
                       "the command line was set by user " + std::to_string(uid) +
                           ", the service runs as user " + std::to_string(geteuid()));
  const base::Result<AccountEntry> person = find_person(uid);
  if (!ourselves) {
    if (!person) return person.error();
    program.identity = identity_of(*person, uid);
    program.environment = environment_of(*person, program.environment);
  }
  program.home = person ? person->home : "/";
  return start(program);
}

}  // namespace

PosixLauncher::PosixLauncher(loop::Loop& loop, ports::Inbox& inbox, LauncherSettings settings)
    : loop_(loop),
      inbox_(inbox),
      settings_(std::move(settings)),
      environment_(environment_for_programs(settings_.bus_address)) {
  settings_.output = safe_output(settings_.output);
}

PosixLauncher::~PosixLauncher() = default;

void PosixLauncher::run(ports::Launch launch) {
  const core::CommandRegistration& command = launch.command;
  Program program{.path = command.program,
                  .arguments = core::argument_vector(command.program, command.parameters),
                  .environment = environment_,
                  .umask = settings_.umask,
                  .output = settings_.output};
  if (!worker_) worker_.emplace(loop_, 1U);
  worker_->submit([this, ticket = launch.ticket, uid = launch.owner.uid, program = std::move(program)]() mutable {
    std::string path = program.path;
    auto started = start_as(uid, std::move(program));
    return [this, ticket, path = std::move(path), started = std::move(started)]() mutable {
      begun(ticket, std::move(path), std::move(started));
    };
  });
}

void PosixLauncher::begun(base::Ticket ticket, std::string path, base::Result<Started> started) {
  if (!started) return unavailable(ticket, std::move(started).error());
  Run& run = runs_[ticket];
  run.path = std::move(path);
  run.report = std::move(started->report);
  run.child.emplace(loop_, started->pid,
                    [this, ticket](const siginfo_t& info) { ended(ticket, info); });
}

void PosixLauncher::ended(base::Ticket ticket, const siginfo_t& info) {
  const auto node = runs_.extract(ticket);
  const Run& run = node.mapped();
  if (auto error = start_failure(run.path, run.report))
    return unavailable(ticket, std::move(*error));
  ports::DeliveryEnded notified{.ticket = ticket};
  if (info.si_code == CLD_EXITED && info.si_status == 0) {
    notified.outcome = ports::NotifyOutcome::answered;
    notified.result = Code::S_OK;
  } else if (info.si_code == CLD_EXITED) {
    notified.text = run.path + " ended with exit code " + std::to_string(info.si_status);
  } else if (info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED) {
    const char* name = sigabbrev_np(info.si_status);
    notified.text = run.path + " was ended by signal " +
                    (name != nullptr ? "SIG" + std::string(name) : std::to_string(info.si_status));
  } else {
    notified.text = run.path + " ended, and nobody knows how";
  }
  inbox_.post(std::move(notified));
}

void PosixLauncher::unavailable(base::Ticket ticket, base::Error error) {
  inbox_.post(ports::DeliveryEnded{ticket, ports::NotifyOutcome::unavailable, error.code,
                              std::move(error.text)});
}

}  // namespace backhaul::posix
