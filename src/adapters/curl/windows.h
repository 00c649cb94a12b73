// SPDX-License-Identifier: Apache-2.0
// How much each connection may have on its way: the window that the kernel offers its server. Two things make
// it small: a limit of bandwidth (throttle.h), and what background connections owe to everybody else on
// their path (core/scavenger.h), which is measured here, from the kernel's own figures, and decided there.
// Nothing is done for each piece that arrives: the measuring has a timer of its own, some fifty times a
// second at most and only while somebody is measured.
//
// The clamp is set on the live socket, again and again, because the tuning of the receive buffer moves it;
// the size of that buffer is never set, since it would not be tuned again. Without TCP timestamps the kernel
// knows no round trip, and all is as without this.
#pragma once

#include <curl/curl.h>
#include <sys/socket.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "adapters/curl/interfaces.h"
#include "adapters/curl/settings.h"
#include "base/ids.h"
#include "base/time.h"
#include "core/reading.h"
#include "core/path_book.h"
#include "core/scavenger.h"
#include "loop/loop.h"

namespace backhaul::curl {

class Windows {
 public:
  Windows(loop::Loop& loop, const Courtesy& courtesy);
  ~Windows();

  struct Use {
    base::JobId job{};
    bool background = false;
    std::optional<std::uint64_t> most;  // of octets on their way; unset: as many as like
  };
  // A request begins to use a socket, or uses it for something else from now on.
  void used(curl_socket_t fd, const Use& use);
  // It is done, or the socket is about to be closed.
  void unused(curl_socket_t fd);

  // What is measured where its background transfers go; of several paths the one with the longest queue.
  std::optional<core::Impact> impact(const base::JobId& job) const;

  // Of a connection, as the kernel counts.
  struct Counters {
    std::uint64_t received = 0;
    std::uint64_t on_wire = 0;
  };

 private:
  // The network and the peer: addresses of both ends.
  using Key = std::string;
  struct Path {
    core::Scavenger control;
    std::string interface;
    std::uint32_t connections = 0;  // in use
    base::BootTime left{};          // by the last of them
    std::uint64_t delivered = 0;    // since the last sample
    std::uint64_t others = 0;       // likewise, on its interface
    std::optional<base::Microseconds> rtt;
  };
  struct Connection {
    Use use;
    Path* path = nullptr;  // null: it is not known yet
    Counters seen;
  };

  bool join(curl_socket_t fd, Connection& connection);
  Path& path_between(const Key& key, const sockaddr_storage& here, std::uint32_t segment);
  void leave(curl_socket_t fd, Connection& connection);
  void read(curl_socket_t fd, Connection& connection);
  void measure();
  void look_at_others();
  void apply(curl_socket_t fd, const Connection& connection);
  void arm();
  void remember();

  loop::Loop& loop_;
  const Courtesy courtesy_;
  core::PathBook book_;
  base::BootTime written_{};
  Interfaces interfaces_;
  std::map<Key, std::unique_ptr<Path>> paths_;
  std::unordered_map<curl_socket_t, Connection> watched_;
  // Sockets whose window was made small. One that was closed since does no harm: a wide window is what the
  // next of its number has in any case.
  std::unordered_set<curl_socket_t> narrow_;
  struct Interface {
    std::uint64_t received = 0;
    std::uint64_t ours = 0;    // since then
    bool known = false;
  };
  std::map<std::string, Interface, std::less<>> meters_;
  base::BootTime looked_at_others_{};
  loop::Timer timer_;
};

}  // namespace backhaul::curl
