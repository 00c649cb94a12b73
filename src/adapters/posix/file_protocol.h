// SPDX-License-Identifier: Apache-2.0
// What a service and the helper of an owner say to each other: one packet for an operation of Access, one for what came
// of it. Each side takes what it reads for what a stranger wrote: every field has its bounds, nothing is
// allocated by a number of the other side, and what is not understood ends the conversation. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "adapters/posix/access.h"

namespace backhaul::posix {

enum class Operation : std::uint8_t {
  open_directory = 1,  // text: path, other: root
  open,                // in a directory; text: name
  open_source,         // text: path
  look,                // in a directory, or nowhere; text: name or path
  may_write,           // likewise
  rename,              // in a directory, with the file that is held; text: from, other: to
  unlink,              // in a directory; text: name
  sync,                // a directory
  room,                // in a directory
  set_time,            // of a file; number: microseconds since 1970
  set_mode,            // of a file; number: the mode
  set_usual_mode,      // in a directory, of a file
  give,                // a file; number: user, other_number: group
  set_access_list,     // of a file; text: the list
};

struct FileRequest {
  Operation operation{};
  Purpose purpose = Purpose::read;  // of open
  bool follow = false;              // of look
  std::string_view text{};
  std::string_view other{};
  std::uint64_t number = 0;
  std::uint32_t other_number = 0;

  bool operator==(const FileRequest&) const = default;
};

// `error`: 0 where it was done; then a descriptor comes along if one was asked for.
struct FileAnswer {
  int error = 0;
  Found found{};
  Room room{};

  bool operator==(const FileAnswer&) const = default;
};

inline constexpr std::size_t path_max = 4095;
inline constexpr std::size_t name_max = 255;
inline constexpr std::size_t access_list_max = 64 * 1024;  // the most that the kernel keeps as one attribute
inline constexpr std::size_t request_head = 32;
inline constexpr std::size_t request_max = request_head + access_list_max;
inline constexpr std::size_t answer_size = 48;

using RequestBytes = std::array<std::byte, request_max>;
using AnswerBytes = std::array<std::byte, answer_size>;

// Unset: it has no place in the protocol, by the same rules as below. The bytes are those of `into`.
std::optional<std::span<const std::byte>> encode(const FileRequest& request, std::size_t descriptors,
                                                 RequestBytes& into);
// `descriptors`: how many came along. The texts are those of `bytes`.
std::optional<FileRequest> decode_request(std::span<const std::byte> bytes, std::size_t descriptors);
// Does it bring a descriptor back?
bool opens(Operation operation);

AnswerBytes encode(const FileAnswer& answer);
std::optional<FileAnswer> decode_answer(std::span<const std::byte> bytes);

}  // namespace backhaul::posix
