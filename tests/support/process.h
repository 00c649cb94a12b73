// SPDX-License-Identifier: Apache-2.0
// Programs that a test runs: to their end, or until the test is over.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace backhaul::test {

// Runs a program (searched in PATH) to its end; its output goes to `output` if that is not empty.
// The exit status, or -1 if it could not be started or was ended by a signal.
int run_program(const std::vector<std::string>& arguments, const std::string& output = {});
bool have_program(const std::string& name);

// A program that is ended with SIGTERM, by its id, at the end of the scope, and also when the thread
// that began it ends without coming there, say because the test is killed.
class Process {
 public:
  // `environment` is added to that of the test, in the place of what has the same name there. `keep_fd` stays open in
  // the program under the same number; -1: none.
  Process(const std::vector<std::string>& arguments,
          const std::vector<std::pair<std::string, std::string>>& environment = {},
          int keep_fd = -1, const std::string& output = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }  // 0: it has ended, or never began
  void stop(int signal);              // and waits for the end
  bool running();

 private:
  pid_t pid_ = 0;
};

}  // namespace backhaul::test
