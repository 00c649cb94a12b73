// SPDX-License-Identifier: Apache-2.0
// Texts in logs. Names and texts of programs and of strangers come into them: whoever chooses them writes no lines of his
// own, and nothing to the terminal of whoever reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hex.h"

namespace backhaul::base {

// Control characters as "\x0a".
inline std::string one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<std::uint8_t>(text[i]);
    // The controls behind ASCII are of two octets in UTF-8.
    const bool late = octet == 0xC2 && i + 1 < text.size() && static_cast<std::uint8_t>(text[i + 1]) < 0xA0;
    if (octet >= 0x20 && octet != 0x7F && !late)
      line += text[i];
    else
      line += "\\x" + hex_of(late ? static_cast<std::uint8_t>(text[++i]) : octet);
  }
  return line;
}

}  // namespace backhaul::base
