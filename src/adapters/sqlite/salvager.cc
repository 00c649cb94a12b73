// SPDX-License-Identifier: Apache-2.0
// The service's side of salvage.h: the second process is started, waited for, and not trusted.
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "adapters/sqlite/descriptor.h"
#include "adapters/sqlite/salvage.h"
#include "adapters/sqlite/set_aside.h"

extern char** environ;

namespace backhaul::sqlite {
namespace {

constexpr int limit_ms = 60'000;

// Signals at their defaults, standard output gone: only what it has to complain about is wanted.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&actions_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
  }
  ~Attributes() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  int spawn(pid_t& pid, char* const* argv) const {
    return posix_spawn(&pid, argv[0], &actions_, &attributes_, argv, environ);
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

// True: it ended by itself.
bool wait_for_end(pid_t pid) {
  const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0U)));
  pollfd end{process.get(), POLLIN, 0};
  int ready = 0;
  do {
    ready = poll(&end, 1, limit_ms);
  } while (ready < 0 && errno == EINTR);
  return ready != 0;
}

}  // namespace

base::Result<std::string> run_salvager(const SalvageCommand& command, const std::string& source,
                         const std::string& target) {
  remove_database(target);
  if (command.empty()) return std::string("there is no program that saves rows");
  std::vector<std::string> words = command;
  words.push_back(source);
  words.push_back(target);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  if (const int error = Attributes().spawn(pid, argv.data()); error != 0)
    return "cannot run " + words[0] + ": " + std::generic_category().message(error);
  const bool by_itself = wait_for_end(pid);
  if (!by_itself) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  remove_database(target + "-image");
  if (!by_itself) return std::string("it took too long");
  if (WIFSIGNALED(status)) return "it ended with signal " + std::to_string(WTERMSIG(status));
  const int code = WEXITSTATUS(status);
  if (code == EX_OK) return std::string();
  if (code != EX_IOERR) return "it ended with code " + std::to_string(code);
  remove_database(target);
  return base::Error(base::Code::DISK_FULL, base::ErrorContext::general_queue_manager,
                     "The queue database is damaged, and what can be saved from it cannot be written.");
}

}  // namespace backhaul::sqlite
