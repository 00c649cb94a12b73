// SPDX-License-Identifier: Apache-2.0
// Texts that need not be valid: what is no character becomes U+FFFD.
#ifndef SRC_BITS_WIDE_H
#define SRC_BITS_WIDE_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace backhaul::bits {

std::string utf8_always(const std::wstring& text);
std::wstring wide_always(const std::string& text);

void append_character(std::wstring& out, std::uint32_t c);
// At most `most` characters of UTF-8: `limit` octets, or up to the terminator. `valid`, unless
// null, is cleared where one had to be replaced.
std::wstring wide_of(const char* text, std::size_t limit, std::size_t most, bool* valid = nullptr);

}  // namespace backhaul::bits

#endif
