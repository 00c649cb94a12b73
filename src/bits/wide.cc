// SPDX-License-Identifier: Apache-2.0
#include "bits/wide.h"

#include "bits/text.h"

namespace backhaul::bits {

namespace {

bool is_character(std::uint32_t c) { return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff); }

// How many octets follow the first of a character; -1: it cannot be one.
int more_after(unsigned char first) {
  return first < 0x80   ? 0
         : first < 0xc2 ? -1
         : first < 0xe0 ? 1
         : first < 0xf0 ? 2
         : first < 0xf5 ? 3
                        : -1;
}

}  // namespace

void append_character(std::wstring& out, std::uint32_t c) {
  out.push_back(static_cast<wchar_t>(is_character(c) ? c : 0xfffd));
}

std::wstring wide_of(const char* text, std::size_t limit, std::size_t most, bool* valid) {
  std::wstring out;
  for (std::size_t at = 0; at < limit && text[at] != '\0' && out.size() < most;) {
    const auto first = static_cast<unsigned char>(text[at++]);
    const int more = more_after(first);
    std::uint32_t c = more <= 0 ? first : first & (0x3fU >> more);
    int left = more;
    for (; left > 0 && at < limit; --left, ++at) {
      const auto next = static_cast<unsigned char>(text[at]);
      if ((next & 0xc0) != 0x80) break;
      c = (c << 6) | (next & 0x3f);
    }
    if (valid != nullptr && (left != 0 || !is_character(c))) *valid = false;
    append_character(out, left == 0 ? c : 0xfffd);
  }
  return out;
}

std::string utf8_always(const std::wstring& text) {
  std::string out;
  for (const wchar_t c : text) {
    const wchar_t one[2] = {c, L'\0'};
    if (c == L'\0')
      out.push_back('\0');
    else
      out += utf8_of(one).value_or("\xef\xbf\xbd");
  }
  return out;
}

std::wstring wide_always(const std::string& text) {
  return wide_of(text.c_str(), text.size(), SIZE_MAX);
}

}  // namespace backhaul::bits
