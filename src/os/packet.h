// SPDX-License-Identifier: Apache-2.0
// A message with descriptors between two processes of ours, over a SOCK_SEQPACKET socket. Blocking; one message is one
// send and one receive, and nothing is allocated for it.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "base/result.h"
#include "os/descriptor.h"

namespace backhaul::os {

inline constexpr std::size_t packet_descriptors_max = 2;

struct Packet {
  std::size_t size = 0;
  std::array<Descriptor, packet_descriptors_max> descriptors{};
  std::size_t count = 0;             // of the descriptors
  std::optional<uid_t> sender{};     // where one end of the socket asked for it (tell_sender)
};

// Both ends close with an execution.
base::Result<std::pair<Descriptor, Descriptor>> packet_line();
// From now on packets that leave this end, and come to it, say who sent them: the kernel's word.
bool tell_sender(int socket);

// False: nobody is at the other end any more, or it cannot be sent.
bool send_packet(int socket, std::span<const std::byte> bytes, std::span<const int> descriptors = {});
// Unset: nobody is at the other end, or what came is longer than the place for it or brought more than it may.
std::optional<Packet> receive_packet(int socket, std::span<std::byte> into);

}  // namespace backhaul::os
