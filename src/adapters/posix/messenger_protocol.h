// SPDX-License-Identifier: Apache-2.0
// What the service tells the process that speaks for it on the session bus of an owner, and what it hears: a packet
// each. Both are judged like anything from outside: every length has its bounds, and what is not understood is no
// packet.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "ports/events.h"
#include "ports/notifier.h"

namespace backhaul::posix {

// Less than a socket takes at once. A notification with ranges that find no room in one is not told.
inline constexpr std::size_t message_max = 64 * 1024;
using MessageBytes = std::vector<std::byte>;

// A class of the owner is to be told something, or needs its instance for a job no more.
struct ReleaseInstance {
  base::JobId job;
};
using Errand = std::variant<ports::Notification, ReleaseInstance>;

// Unset: it has no place in a packet. The owner of a notification stays with whoever asks.
std::optional<MessageBytes> encode_errand(const Errand& errand);
std::optional<Errand> decode_errand(std::span<const std::byte> bytes);

// How a notification ended, or that a bus is there which was not.
struct BusIsThere {};
// There is no such process for the account, and why (an answer of the launcher, file_protocol.h).
struct NoMessenger {
  int error = 0;
};
using Report = std::variant<ports::DeliveryEnded, BusIsThere, NoMessenger>;

MessageBytes encode_report(const Report& report);
std::optional<Report> decode_report(std::span<const std::byte> bytes);

}  // namespace backhaul::posix
