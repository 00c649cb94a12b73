// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 server that misbehaves as it is told. It listens on a free port of 127.0.0.1, serves
// every connection in a thread of its own and remembers every request. Also a program of its own
// (bad-server), which takes the commands of run_command() on stdin and at /_control.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/behaviour.h"

namespace backhaul::test {

struct Reply;

struct SeenRequest {
  std::string method;
  std::string path;  // with the query
  std::map<std::string, std::string> fields;  // names in lower case
  std::uint64_t connection = 0;               // counted from 1
  std::optional<std::uint64_t> range_begin;
  std::optional<std::uint64_t> range_last;

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
  }
};

class BadServer {
 public:
  // Listens at this address of IPv4.
  explicit BadServer(const char* address = "127.0.0.1");
  ~BadServer();
  BadServer(const BadServer&) = delete;
  BadServer& operator=(const BadServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path, std::string_view host = "127.0.0.1") const;

  void on(const std::string& path, Behaviour answer);
  // The nth request for the path gets the nth answer, later ones the last. Counts anew.
  void in_turn(const std::string& path, std::vector<Behaviour> answers);
  // Gated answers of this path: so many bytes more, or everything from now on.
  void allow(const std::string& path, std::uint64_t bytes);
  void release(const std::string& path);

  std::vector<SeenRequest> requests(std::string_view path = {}) const;  // empty: all
  void forget_requests();
  std::uint64_t accepted() const;       // connections, ever
  std::size_t open_connections() const;

  // "set PATH key=value… | …", "allow PATH BYTES", "release PATH", "forget", "log", "accepted".
  // Answers "ok", the asked lines, or "error: …"; ends with a line break.
  std::string run_command(std::string_view line);

 private:
  struct Path {
    std::vector<Behaviour> answers;
    std::size_t served = 0;
    std::uint64_t allowance = 0;  // for gated answers
    bool released = false;
  };

  void accept_all();
  void serve(int fd, std::uint64_t connection);
  bool answer(int fd, const SeenRequest& request, const std::string& body);
  bool send_reply(int fd, const SeenRequest& request, const Behaviour& behaviour);
  bool send_body(int fd, const std::string& path, const Behaviour& behaviour, const Reply& reply);
  // How many of `wanted` bytes may flow now; waits while it is none. 0: the peer is gone or we are.
  std::uint64_t take_allowance(int fd, const std::string& path, std::uint64_t wanted);
  bool rest(int fd);  // a moment; false: the peer is gone or we are
  std::optional<Behaviour> next_answer(const std::string& path);

  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::map<std::string, Path, std::less<>> paths_;
  std::vector<SeenRequest> requests_;
  std::uint64_t accepted_ = 0;
  std::set<int> connections_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace backhaul::test
