// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/spawn.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "adapters/posix/failure.h"

namespace backhaul::posix {
namespace {

enum class Step : int { descriptors, identity, execute };

struct Failure {
  Step step;
  int error;
};

// Everything the child needs, made before the fork: behind it, in a process that had threads, no
// memory may be allocated.
struct Prepared {
  const char* path;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const char* home;
  const Identity* identity;
  mode_t umask;
  int input;
  int output;
  int report;
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> list;
  for (const std::string& text : strings) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

// --- in the child: async-signal-safe calls only -------------------------------------------------

[[noreturn]] void give_up(int report, Step step) {
  const Failure failure{step, errno};
  // Should even that fail, the exit code says that it did not go well.
  if (write(report, &failure, sizeof failure) != sizeof failure) _exit(126);
  _exit(127);
}

}  // namespace

// A handled signal becomes default by itself when the program is executed, an ignored one does not.
void reset_signals() {
  struct sigaction fresh{};
  fresh.sa_handler = SIG_DFL;
  for (int signal = 1; signal <= SIGRTMAX; ++signal) sigaction(signal, &fresh, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

namespace {

// What is not standard input, output or error closes with the execution; the report does too.
int arrange_descriptors(const Prepared& prepared) {
  const int report = fcntl(prepared.report, F_DUPFD_CLOEXEC, 3);
  const int input = fcntl(prepared.input, F_DUPFD_CLOEXEC, 3);
  const int output = fcntl(prepared.output, F_DUPFD_CLOEXEC, 3);
  if (report < 0 || input < 0 || output < 0 || dup2(input, STDIN_FILENO) < 0 ||
      dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
    give_up(report < 0 ? prepared.report : report, Step::descriptors);
  // The service opens everything close-on-exec; this is for what a library may have forgotten.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  return report;
}

void become(const Identity& identity, int report) {
  if (setgroups(identity.groups.size(), identity.groups.data()) < 0 ||
      setresgid(identity.gid, identity.gid, identity.gid) < 0 ||
      setresuid(identity.uid, identity.uid, identity.uid) < 0)
    give_up(report, Step::identity);
}

[[noreturn]] void run_child(const Prepared& prepared) {
  setsid();
  reset_signals();
  const int report = arrange_descriptors(prepared);
  if (prepared.identity != nullptr) become(*prepared.identity, report);
  umask(prepared.umask);
  if (chdir(prepared.home) < 0 && chdir("/") < 0) give_up(report, Step::execute);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) give_up(report, Step::identity);
  execve(prepared.path, prepared.arguments.data(), prepared.environment.data());
  give_up(report, Step::execute);
}

}  // namespace

base::Result<Started> start(const Program& program) {
  BH_ASSERT(!program.arguments.empty());
  const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return failure("open", "/dev/null");
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) < 0) return failure("start", program.path);
  Started started{0, Descriptor(ends[0])};
  const Descriptor report(ends[1]);
  const Prepared prepared{.path = program.path.c_str(),
                          .arguments = pointers(program.arguments),
                          .environment = pointers(program.environment),
                          .home = program.home.c_str(),
                          .identity = program.identity ? &*program.identity : nullptr,
                          .umask = program.umask,
                          .input = null.get(),
                          .output = program.output < 0 ? null.get() : program.output,
                          .report = report.get()};
  started.pid = fork();
  if (started.pid == 0) run_child(prepared);
  if (started.pid < 0) return failure("start", program.path);
  return started;
}

std::optional<base::Error> start_failure(const std::string& path, const Descriptor& report) {
  Failure reason{};
  if (read(report.get(), &reason, sizeof reason) != sizeof reason) return std::nullopt;
  switch (reason.step) {
    case Step::descriptors:
      return failure("open the standard files of", path, reason.error);
    case Step::identity:
      return failure("become the owner of the job for", path, reason.error);
    case Step::execute:
      return failure("execute", path, reason.error);
  }
  return std::nullopt;
}

}  // namespace backhaul::posix
