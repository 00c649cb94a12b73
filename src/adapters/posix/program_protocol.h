// SPDX-License-Identifier: Apache-2.0
// What the service tells the process that runs a command line as the user who set it, and what it hears of
// the end: a packet each. Both are judged like anything from outside.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "ports/events.h"
#include "ports/launcher.h"

namespace backhaul::posix {

// More than a command line may have (core/command_line.h), and less than a packet.
inline constexpr std::size_t program_packet_max = 32 * 1024;
using ProgramBytes = std::array<std::byte, program_packet_max>;

// Unset: it has no place in a packet. Ticket and owner stay with whoever asks.
std::optional<std::span<const std::byte>> encode(const ports::Launch& launch, ProgramBytes& bytes);
std::optional<ports::Launch> decode_launch(std::span<const std::byte> bytes);

std::span<const std::byte> encode(const ports::DeliveryEnded& ended, ProgramBytes& bytes);
// An answer of the launcher, that there is no such process (file_protocol.h), is one of these as well.
std::optional<ports::DeliveryEnded> decode_ended(std::span<const std::byte> bytes);

}  // namespace backhaul::posix
