// SPDX-License-Identifier: Apache-2.0
#include "os/packet.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace backhaul::os {
namespace {

constexpr std::size_t descriptors_space = CMSG_SPACE(sizeof(int) * packet_descriptors_max);
constexpr std::size_t sender_space = CMSG_SPACE(sizeof(ucred));

// What was sent along. False: more descriptors than there may be; those are closed.
bool take_along(const cmsghdr& header, Packet& packet) {
  if (header.cmsg_level != SOL_SOCKET) return false;
  if (header.cmsg_type == SCM_CREDENTIALS && header.cmsg_len == CMSG_LEN(sizeof(ucred))) {
    ucred who{};
    std::memcpy(&who, CMSG_DATA(&header), sizeof who);
    packet.sender = who.uid;
    return true;
  }
  if (header.cmsg_type != SCM_RIGHTS) return false;
  bool fits = true;
  const std::size_t count = (header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t i = 0; i < count; ++i) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(&header) + i * sizeof fd, sizeof fd);
    Descriptor held(fd);
    if (packet.count == packet_descriptors_max)
      fits = false;
    else
      packet.descriptors[packet.count++] = std::move(held);
  }
  return fits;
}

}  // namespace

base::Result<std::pair<Descriptor, Descriptor>> packet_line() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return base::Error(base::code_from_errno(errno), "no socket: " + std::generic_category().message(errno));
  return std::pair(Descriptor(ends[0]), Descriptor(ends[1]));
}

bool tell_sender(int socket) {
  const int yes = 1;
  return setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) == 0;
}

bool send_packet(int socket, std::span<const std::byte> bytes, std::span<const int> descriptors) {
  BH_ASSERT(!bytes.empty() && descriptors.size() <= packet_descriptors_max);
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, descriptors_space> along{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = along.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
  }
  ssize_t sent = -1;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

std::optional<Packet> receive_packet(int socket, std::span<std::byte> into) {
  iovec part{into.data(), into.size()};
  alignas(cmsghdr) std::array<char, descriptors_space + sender_space> along{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = along.data();
  message.msg_controllen = along.size();
  ssize_t size = -1;
  do {
    size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0) return std::nullopt;
  Packet packet{.size = static_cast<std::size_t>(size)};
  bool whole = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header))
    whole = take_along(*header, packet) && whole;
  if (size == 0 || !whole) return std::nullopt;
  return packet;
}

}  // namespace backhaul::os
