// SPDX-License-Identifier: Apache-2.0
#include "os/helper.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <system_error>

extern char** environ;

namespace backhaul::os {
namespace {

class HelperSetup {
 public:
  HelperSetup(int output, int input) {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&actions_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (input < 0)
      posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    else
      posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    if (output < 0)
      posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    else
      posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
  }
  ~HelperSetup() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  HelperSetup(const HelperSetup&) = delete;
  HelperSetup& operator=(const HelperSetup&) = delete;

  int spawn(pid_t& pid, char* const* argv) const {
    return posix_spawn(&pid, argv[0], &actions_, &attributes_, argv, environ);
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

}  // namespace

base::Result<pid_t> start_helper(std::vector<std::string> words, int output, int input) {
  BH_ASSERT(!words.empty());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  if (const int error = HelperSetup(output, input).spawn(pid, argv.data()); error != 0)
    return base::Error(base::code_from_errno(error),
                       "cannot run " + words[0] + ": " + std::generic_category().message(error));
  return pid;
}

}  // namespace backhaul::os
