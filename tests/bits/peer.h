// SPDX-License-Identifier: Apache-2.0
// Another process of the same user (peer_main.cc): told what to do line by line, it says what its
// callbacks were told. As a class server it is started by the bus and writes that to a file.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace backhaul::test {

class Peer {
 public:
  Peer();
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // One command and its answer:
  //   object ID [HRESULT]   registers an object that answers so ("block": never); "0x…"
  //   clear ID              SetNotifyInterface(NULL); "0x…"
  //   interface ID          "set" or "null"
  //   class ID CLSID        the notification class; "0x…"
  std::string ask(const std::string& command);
  // "transferred ID", "error ID": has its callback been told, so many times?
  [[nodiscard]] bool told(const std::string& event, unsigned times = 1);
  unsigned count(const std::string& event);  // so far
  void leave();                              // to its regular end
  void kill();

 private:
  void read_more(int milliseconds);

  pid_t pid_ = 0;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::vector<std::string> answers_;
  std::vector<std::string> events_;
};

// The log of a class server: "start PID", "instance", "transferred ID", "error ID", "end".
class ServerLog {
 public:
  explicit ServerLog(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }
  [[nodiscard]] bool has(const std::string& line, unsigned times = 1) const;
  unsigned count(const std::string& line) const;  // lines that begin so
  pid_t pid() const;                              // of the last start; 0: none
 private:
  std::vector<std::string> lines() const;
  std::string path_;
};

// The command for a class, to which the service adds -Embedding. Mode "serve", or "never": does not
// register it.
std::vector<std::string> server_command(const std::string& clsid, const ServerLog& log,
                                        const std::string& mode = "serve");

}  // namespace backhaul::test
