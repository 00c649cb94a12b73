// SPDX-License-Identifier: Apache-2.0
#include "tests/bits/peer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "tests/bits/stage.h"

extern char** environ;

namespace backhaul::test {

Peer::Peer() {
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) fail("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  std::string program = PEER_PROGRAM;
  char* argv[] = {program.data(), nullptr};
  if (posix_spawn(&pid_, argv[0], &actions, nullptr, argv, environ) != 0) fail("no peer");
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  output_ = out[0];
}

Peer::~Peer() {
  leave();
  close(output_);
}

void Peer::leave() {
  if (pid_ == 0) return;
  close(std::exchange(input_, -1));
  waitpid(std::exchange(pid_, 0), nullptr, 0);
}

void Peer::kill() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  leave();
}

void Peer::read_more(int milliseconds) {
  pollfd waiting = {output_, POLLIN, 0};
  if (poll(&waiting, 1, milliseconds) <= 0) return;
  char bytes[4096];
  const ssize_t size = read(output_, bytes, sizeof(bytes));
  if (size <= 0) return;
  buffer_.append(bytes, static_cast<std::size_t>(size));
  for (std::size_t end; (end = buffer_.find('\n')) != std::string::npos;) {
    const std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    (line.starts_with("= ") ? answers_ : events_).push_back(line.substr(2));
  }
}

std::string Peer::ask(const std::string& command) {
  answers_.clear();
  const std::string line = command + "\n";
  if (write(input_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) return "gone";
  const auto answered = [this] {
    read_more(100);
    return !answers_.empty();
  };
  return eventually(answered) ? answers_.front() : "no answer";
}

unsigned Peer::count(const std::string& event) {
  read_more(0);
  return static_cast<unsigned>(std::count(events_.begin(), events_.end(), event));
}

bool Peer::told(const std::string& event, unsigned times) {
  return eventually([&] {
    read_more(50);
    return count(event) >= times;
  });
}

std::vector<std::string> ServerLog::lines() const {
  std::ifstream file(path_);
  std::vector<std::string> all;
  for (std::string line; std::getline(file, line);) all.push_back(line);
  return all;
}

unsigned ServerLog::count(const std::string& line) const {
  const auto all = lines();
  return static_cast<unsigned>(std::count_if(
      all.begin(), all.end(), [&](const std::string& one) { return one.starts_with(line); }));
}

bool ServerLog::has(const std::string& line, unsigned times) const {
  return eventually([&] { return count(line) >= times; });
}

pid_t ServerLog::pid() const {
  pid_t last = 0;
  for (const std::string& line : lines()) {
    if (line.starts_with("start ")) last = std::stoi(line.substr(6));
  }
  return last;
}

std::vector<std::string> server_command(const std::string& clsid, const ServerLog& log,
                                        const std::string& mode) {
  return {PEER_PROGRAM, clsid, log.path(), mode};
}

}  // namespace backhaul::test
