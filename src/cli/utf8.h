// SPDX-License-Identifier: Apache-2.0
// Decodes UTF-8 without trusting it. Names of jobs and files are bytes that others chose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backhaul::cli {

struct Glyph {
  std::size_t length = 1;  // bytes; 1 for a byte that begins nothing valid
  std::uint32_t character = 0;
  bool valid = false;
};

// One sequence at the beginning of a text that is not empty.
Glyph decode_utf8(std::string_view text);
bool is_utf8(std::string_view text);

// Without the byte order mark that some editors put in front of UTF-8.
std::string_view without_mark(std::string_view text);

}  // namespace backhaul::cli
