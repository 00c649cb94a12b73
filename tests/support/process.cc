// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <string_view>

extern char** environ;

namespace backhaul::test {
namespace {

// In the child of a process that may have threads: nothing but system calls. It ends with the test,
// also if that is killed: then no destructor runs.
[[noreturn]] void become(char** argv, char** envp, int keep_fd, const char* output, pid_t test) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != test) _exit(127);
  if (keep_fd >= 0) fcntl(keep_fd, F_SETFD, 0);
  if (output != nullptr) {
    const int file = open(output, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file < 0 || dup2(file, 1) < 0 || dup2(1, 2) < 0) _exit(127);
    if (file > 2) close(file);
  }
  // Tests block signals that their programs must get.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvpe(argv[0], argv, envp);
  _exit(127);
}

pid_t spawn(const std::vector<std::string>& arguments,
            const std::vector<std::pair<std::string, std::string>>& environment, int keep_fd,
            const std::string& output) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  // No name twice: which of them counts is not the same for every program, and a bus gives the last one to those that
  // it starts.
  std::map<std::string_view, std::string> variables;
  for (const auto& [name, value] : environment) variables.emplace(name, name + '=' + value);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    variables.emplace(text.substr(0, text.find('=')), text);
  }
  std::vector<char*> envp;
  for (auto& [name, text] : variables) envp.push_back(text.data());
  envp.push_back(nullptr);

  const pid_t test = getpid();
  const pid_t pid = fork();
  if (pid == 0)
    become(argv.data(), envp.data(), keep_fd, output.empty() ? nullptr : output.c_str(), test);
  return std::max(pid, 0);
}

}  // namespace

int run_program(const std::vector<std::string>& arguments, const std::string& output) {
  const pid_t pid = spawn(arguments, {}, -1, output);
  int status = 0;
  if (pid == 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

bool have_program(const std::string& name) {
  const char* path = getenv("PATH");
  // Servers stand in sbin, which is not in everybody's path.
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((std::filesystem::path(folder) / name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

Process::Process(const std::vector<std::string>& arguments,
                 const std::vector<std::pair<std::string, std::string>>& environment, int keep_fd,
                 const std::string& output)
    : pid_(spawn(arguments, environment, keep_fd, output)) {}

Process::~Process() { stop(SIGTERM); }

void Process::stop(int signal) {
  if (pid_ == 0) return;
  kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

bool Process::running() {
  if (pid_ != 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
  return pid_ != 0;
}

}  // namespace backhaul::test
