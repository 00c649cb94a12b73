// SPDX-License-Identifier: Apache-2.0
#include "cli/utf8.h"

namespace backhaul::cli {

Glyph decode_utf8(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, lead, true};
  const std::size_t length = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead >= 0xF5 || text.size() < length) return {1, lead, false};
  std::uint32_t character = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return {1, lead, false};
    character = character << 6 | (byte & 0x3F);
  }
  const bool overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
  const bool surrogate = character >= 0xD800 && character < 0xE000;
  if (overlong || surrogate || character > 0x10FFFF) return {1, lead, false};
  return {length, character, true};
}

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Glyph glyph = decode_utf8(text);
    if (!glyph.valid) return false;
    text.remove_prefix(glyph.length);
  }
  return true;
}

}  // namespace backhaul::cli
