// SPDX-License-Identifier: Apache-2.0
// Which socket each connection has. In front of a request libcurl (7.88) tells the addresses of its connection, and the
// socket to nobody; so whoever makes one notes both. What was closed stays noted until its number or its addresses
// are used again, and is never asked for meanwhile.
#pragma once

#include <curl/curl.h>

#include <span>
#include <string>
#include <unordered_map>

namespace backhaul::curl {

// The addresses of both ends. Of a socket of the file system they are empty, and its port is none.
struct Ends {
  std::string peer;
  std::string own;
  int peer_port = 0;
  int own_port = 0;

  bool operator==(const Ends&) const = default;
};

class Sockets {
 public:
  // A new connection stands: its socket is one of those that were made for it.
  void note(const Ends& ends, std::span<const curl_socket_t> made);
  // Something lies on the connection that nobody has read: bytes, its end or an error. False where it was never noted.
  bool has_unread(const Ends& ends) const;

 private:
  std::unordered_map<curl_socket_t, Ends> sockets_;
};

}  // namespace backhaul::curl
