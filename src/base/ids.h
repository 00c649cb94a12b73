// SPDX-License-Identifier: Apache-2.0
// Strong identities. A job id is a random UUID; its text form is lower-case with hyphens, its form
// in object paths and file names 32 hex digits.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace backhaul::base {

struct JobId {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const JobId&) const = default;
};

std::string to_string(const JobId& id);  // 8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9
std::string to_hex(const JobId& id);     // 8c1b7e526a0d4c3f9e7751d2a4b0c6f9
// Accepts both forms, upper or lower case, with or without braces.
std::optional<JobId> parse_job_id(std::string_view text);

// A record of the peer cache (core/peer_cache.h), written as a job id is; its copy has the hex digits for a name.
struct RecordId {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const RecordId&) const = default;
};

std::string to_hex(const RecordId& id);

// One running request for one file. Numbers are never reused within a process; every event that
// belongs to a transfer carries its number, so that a late one is recognised and dropped (the
// "generation" of docs/architecture.md).
enum class TransferId : std::uint64_t {};
// A call of a client that waits for its reply. Only the dbus adapter knows which message it is.
enum class CallId : std::uint64_t { none = 0 };
// A notification on its way. Answers with another ticket than the current one are dropped.
enum class Ticket : std::uint64_t {};
// A question whether the files of a command can go where they are to go. Never used twice by one process.
enum class CheckId : std::uint64_t { none = 0 };
// A client as the service sees it: opaque, unique for the life of the process.
enum class PeerId : std::uint64_t { none = 0 };

}  // namespace backhaul::base

template <>
struct std::hash<backhaul::base::JobId> {
  std::size_t operator()(const backhaul::base::JobId& id) const noexcept {
    std::size_t h = 0;  // ids are random: any eight bytes are a good hash
    for (int i = 0; i < 8; ++i) h = h << 8 | id.bytes[static_cast<std::size_t>(i)];
    return h;
  }
};
template <>
struct std::hash<backhaul::base::RecordId> {
  std::size_t operator()(const backhaul::base::RecordId& id) const noexcept {
    return std::hash<backhaul::base::JobId>()(backhaul::base::JobId{id.bytes});
  }
};
