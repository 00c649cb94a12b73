// SPDX-License-Identifier: Apache-2.0
// libcurl's multi handle in our loop. All its sockets stand in one epoll of their own, so that one
// turn of the loop serves every socket that is ready; deadlines are kept here and reach the kernel
// only when one moves nearer, because libcurl changes its mind with every packet.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <unordered_map>

#include "loop/loop.h"

namespace backhaul::curl {

class Multi {
 public:
  using Done = std::move_only_function<void(CURL*, CURLcode)>;
  using SocketUsed = std::move_only_function<void(CURL*, curl_socket_t)>;
  using SocketUnused = std::move_only_function<void(curl_socket_t)>;
  using Rests = std::move_only_function<bool(CURL*)>;
  // `done` runs outside of libcurl, with the handle already removed. `used` runs inside of it, when a request
  // begins to use a socket, a new one or one that served another request before, and once more when a new one
  // stands; `unused` when it no longer does, before the socket is closed. A handle that `rests` is paused: newer
  // libcurls (8.14) let go of its socket meanwhile, and it is as much in use as before.
  Multi(loop::Loop& loop, Done done, SocketUsed used, SocketUnused unused, Rests rests);
  ~Multi();  // every handle must have been removed
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  // To one address, from now on; further requests wait for one of them to end.
  void limit_connections(long of_address);
  bool idle() const { return handles_ == 0; }
  void add(CURL* handle);
  void remove(CURL* handle);
  // What is told of sockets that begin to be used, once more.
  void tell_sockets();

 private:
  static int on_socket(CURL* handle, curl_socket_t fd, int what, void* self, void* known) noexcept;
  static int on_timer(CURLM* multi, long timeout_ms, void* self) noexcept;
  void watch(CURL* handle, curl_socket_t fd, int what, bool known);
  void sockets_ready();
  void time_elapsed();
  void time_out();
  void collect();

  loop::Loop& loop_;
  Done done_;
  SocketUsed used_;
  SocketUnused unused_;
  Rests rests_;
  int epoll_ = -1;
  CURLM* multi_ = nullptr;
  std::size_t handles_ = 0;
  struct User {
    CURL* handle = nullptr;
    bool reads = false;
  };
  std::unordered_map<curl_socket_t, User> in_use_;
  std::optional<loop::Io> ready_;
  loop::Timer timer_;
  loop::Deferred now_;
  std::optional<base::BootTime> deadline_;  // what libcurl wants
  std::optional<base::BootTime> armed_;     // what the kernel knows: never later than that
};

}  // namespace backhaul::curl
