// SPDX-License-Identifier: Apache-2.0
// The body of a multipart/byteranges answer, as it comes: which of its bytes are of which range of the file
// (RFC 9110 §14.6). How long a part is its Content-Range says, so nothing is looked for in the bytes of a file.
// What it keeps is bounded, whatever comes. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/http.h"

namespace backhaul::core {

inline constexpr std::size_t part_head_max = 1024;  // with its boundary

class ByteRanges {
 public:
  explicit ByteRanges(std::string boundary) : boundary_(std::move(boundary)) {}

  enum class What : std::uint8_t {
    more,    // all of these bytes were used up, and another piece is needed
    part,    // a part begins, of `range`
    bytes,   // so many of these bytes are of the part: took() when they are where they belong
    end,     // of the last part; what lies behind it counts nothing, and is broken where it does not end soon
    broken,  // this is no such body
  };
  struct Step {
    What what = What::more;
    std::size_t used = 0;  // bytes in front of what is left to look at; of bytes: how many they are
    ContentRange range{};
  };
  // Nothing is used of an empty piece.
  Step next(std::span<const std::byte> data);
  void took(std::size_t bytes);

 private:
  enum class State : std::uint8_t { outside, head, body, end, broken };
  std::optional<Step> line(std::string_view text);
  Step behind_end(std::size_t size);

  std::string boundary_;
  State state_ = State::outside;
  std::string line_;
  std::size_t head_bytes_ = 0;  // since the last part
  int blank_lines_ = 0;
  std::optional<ContentRange> range_;
  std::uint64_t left_ = 0;  // of the part
};

}  // namespace backhaul::core
