// SPDX-License-Identifier: Apache-2.0
// The service's side of salvage.h: the second process is started, waited for, and not trusted.
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "adapters/sqlite/descriptor.h"
#include "adapters/sqlite/salvage.h"
#include "adapters/sqlite/set_aside.h"
#include "os/helper.h"

namespace backhaul::sqlite {
namespace {

constexpr int limit_ms = 60'000;

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
  const auto started = os::start_helper(std::move(words));
  if (!started) return started.error().text;
  const pid_t pid = *started;
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
