// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace backhaul::curl {
namespace {

int own_port(curl_socket_t fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  sockaddr_in four{};
  sockaddr_in6 six{};
  switch (address.ss_family) {
    case AF_INET: std::memcpy(&four, &address, sizeof four); return ntohs(four.sin_port);
    case AF_INET6: std::memcpy(&six, &address, sizeof six); return ntohs(six.sin6_port);
    default: return 0;
  }
}

}  // namespace

void Sockets::note(const Ends& ends, std::span<const curl_socket_t> made) {
  if (ends.own_port <= 0) return;
  // Several are tried at once where a name has several addresses.
  const auto socket = std::ranges::find(made, ends.own_port, &own_port);
  if (socket == made.end()) return;
  std::erase_if(sockets_, [&](const auto& entry) { return entry.second == ends; });
  sockets_.insert_or_assign(*socket, ends);
}

bool Sockets::has_unread(const Ends& ends) const {
  const auto found = std::ranges::find(sockets_, ends, [](const auto& entry) -> const Ends& { return entry.second; });
  if (found == sockets_.end()) return false;
  char byte = 0;
  return recv(found->first, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

}  // namespace backhaul::curl
