// SPDX-License-Identifier: Apache-2.0
#include "cli/password_agent.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "cli/selector.h"

namespace backhaul::cli {
namespace {

constexpr char program_name[] = "pkttyagent";
constexpr int start_limit_ms = 10'000;  // without it the call is made all the same, and polkit says what it says

// Nobody but who was given the whole id of somebody else's job can name it.
bool names_job_by_id(const Arguments& arguments) {
  const Operand operand = row(arguments.verb).operand;
  return (operand == Operand::job || operand == Operand::jobs || operand == Operand::pair) &&
         std::ranges::any_of(arguments.operands, is_whole_id);
}

bool may_be_of_others(const Arguments& arguments) {
  switch (arguments.verb) {
    case Verb::cache_list:
    case Verb::cache_show:
    case Verb::cache_delete:
    case Verb::cache_clear:
    case Verb::cache_set: return true;
    case Verb::peers: return !arguments.has(Opt::own);
    case Verb::policy: return arguments.has(Opt::reload);
    default: return arguments.has(Opt::all_users) || names_job_by_id(arguments);
  }
}

// Between fork and exec. What it asks it writes to the terminal itself.
[[noreturn]] void become(const char* const* argv, int ready, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  fcntl(ready, F_SETFD, 0);
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  execvp(argv[0], const_cast<char* const*>(argv));
  _exit(127);
}

}  // namespace

bool needs_password_agent(const Arguments& arguments, const Seat& seat) {
  const std::string* progress = arguments.find(Opt::progress);
  const bool for_program = arguments.has(Opt::json) || (progress != nullptr && *progress == "json");
  return seat.of_machine && !seat.root && seat.terminal && !for_program && !arguments.has(Opt::no_ask_password) &&
         may_be_of_others(arguments);
}

PasswordAgent::PasswordAgent() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  ready_ = ends[0];
  const pid_t self = getpid();
  const std::string process = std::to_string(self);
  const std::string notify = std::to_string(ends[1]);
  const char* const argv[] = {program_name, "--process", process.c_str(), "--fallback", "--notify-fd", notify.c_str(), nullptr};
  child_ = fork();
  if (child_ == 0) become(argv, ends[1], self);
  close(ends[1]);
}

PasswordAgent::~PasswordAgent() {
  if (ready_ >= 0) close(ready_);
  if (child_ <= 0) return;
  kill(child_, SIGTERM);
  kill(child_, SIGCONT);
  // It gives the terminal back as it was.
  while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void PasswordAgent::wait_until_ready() {
  if (ready_ < 0) return;
  pollfd closed{ready_, 0, 0};
  while (poll(&closed, 1, start_limit_ms) < 0 && errno == EINTR) {
  }
}

}  // namespace backhaul::cli
