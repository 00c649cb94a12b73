// SPDX-License-Identifier: Apache-2.0
// Bytes as hex digits, two for each, as ids, digests and escaped characters are written.
#pragma once

#include <cstdint>
#include <ranges>
#include <string>
#include <string_view>

namespace backhaul::base {

inline constexpr std::string_view lower_hex = "0123456789abcdef";
inline constexpr std::string_view upper_hex = "0123456789ABCDEF";

inline std::string hex_of(std::uint8_t byte, std::string_view digits = lower_hex) {
  return {digits[byte >> 4], digits[byte & 15]};
}

// And not empty.
inline bool is_lower_hex(std::string_view text) {
  return !text.empty() && text.find_first_not_of(lower_hex) == std::string_view::npos;
}

// Of text as well: its characters are taken as bytes.
template <std::ranges::sized_range Bytes>
std::string to_hex(const Bytes& bytes) {
  std::string hex;
  hex.reserve(2 * std::ranges::size(bytes));
  for (const auto byte : bytes) hex += hex_of(static_cast<std::uint8_t>(byte));
  return hex;
}

}  // namespace backhaul::base
