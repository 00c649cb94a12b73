// SPDX-License-Identifier: Apache-2.0
#include "bus/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace backhaul::bus {
namespace {

struct Report {
  pid_t pid = 0;
  int error = 0;
};

void write_report(int fd, Report report) {
  const ssize_t written = write(fd, &report, sizeof report);
  static_cast<void>(written);  // the reader takes a short report as a failure
}

struct Plan {
  const char* const* argv;
  const char* const* environment;
  int output;
  int report;
};

void reset_signals() {
  struct sigaction defaults {};
  defaults.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &defaults, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// 0 to 2 are /dev/null, 3 is `output`, and the report is out of their way.
int arrange_descriptors(const Plan& plan) {
  const int report = fcntl(plan.report, F_DUPFD_CLOEXEC, 10);
  const int output = plan.output < 0 ? -1 : fcntl(plan.output, F_DUPFD_CLOEXEC, 10);
  const int null = open("/dev/null", O_RDWR);
  const int high = null < 0 ? -1 : fcntl(null, F_DUPFD_CLOEXEC, 10);
  dup2(high, 0);
  dup2(high, 1);
  dup2(high, 2);
  if (output >= 0) dup2(output, 3);
  // Whatever the program left open without O_CLOEXEC is not for the service.
  syscall(SYS_close_range, output < 0 ? 3U : 4U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
  return report;
}

// Between fork and exec of a threaded program: system calls only.
[[noreturn]] void become(const Plan& plan) {
  setsid();
  const pid_t child = fork();
  if (child != 0) {
    if (child < 0) write_report(plan.report, {0, errno});
    _exit(child < 0 ? 1 : 0);
  }
  reset_signals();
  const int report = arrange_descriptors(plan);
  write_report(report, {getpid(), 0});
  if (chdir("/") == 0)
    execve(plan.argv[0], const_cast<char* const*>(plan.argv),
           const_cast<char* const*>(plan.environment));
  write_report(report, {0, errno});
  _exit(127);
}

std::vector<const char*> pointers(const std::vector<std::string>& strings) {
  std::vector<const char*> result;
  for (const std::string& text : strings) result.push_back(text.c_str());
  result.push_back(nullptr);
  return result;
}

bool read_report(int fd, Report& report) {
  ssize_t length = 0;
  do {
    length = read(fd, &report, sizeof report);
  } while (length < 0 && errno == EINTR);
  return length == static_cast<ssize_t>(sizeof report);
}

}  // namespace

FileDescriptor watch_end(pid_t pid) {
  FileDescriptor ended(static_cast<int>(syscall(SYS_pidfd_open, pid, 0U)));
  if (ended || errno != ESRCH) return ended;
  int ends[2];  // of a pipe that nobody writes to any more
  if (pipe2(ends, O_CLOEXEC) != 0) return ended;
  close(ends[1]);
  return FileDescriptor(ends[0]);
}

base::Result<Started> start_detached(const std::vector<std::string>& arguments,
                                     const std::vector<std::string>& environment, int output) {
  const auto argv = pointers(arguments);
  const auto variables = pointers(environment);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {base::code_from_errno(errno), "no descriptor is left"};
  const FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);

  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // the child must not run the program's handlers
  const pid_t middle = fork();
  if (middle == 0) become({argv.data(), variables.data(), output, writer.get()});
  const int fork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (middle < 0) return {base::code_from_errno(fork_error), "cannot start a process"};

  writer = FileDescriptor();
  while (waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
  }
  Report started;
  Report failed;
  if (!read_report(reader.get(), started) || started.pid == 0)
    return {base::code_from_errno(started.error == 0 ? EAGAIN : started.error),
            "cannot start a process"};
  Started result{started.pid, watch_end(started.pid)};
  if (read_report(reader.get(), failed))
    return {base::code_from_errno(failed.error),
            "cannot run " + arguments[0] + ": " + std::strerror(failed.error)};
  return result;
}

void set_variable(std::vector<std::string>& environment, const std::string& name,
                  const std::string& value) {
  const std::string prefix = name + '=';
  for (std::string& entry : environment)
    if (entry.starts_with(prefix)) {
      entry = prefix + value;
      return;
    }
  environment.push_back(prefix + value);
}

}  // namespace backhaul::bus
