// SPDX-License-Identifier: Apache-2.0
// Formats with the meaning they have for Microsoft's library; the table is in backhaul_stdio.h.
#ifndef SRC_BITS_FORMAT_H
#define SRC_BITS_FORMAT_H

#include <cstdarg>
#include <string>

namespace backhaul::bits {

std::wstring format_wide(const wchar_t* format, va_list arguments);
std::string format_narrow(const char* format, va_list arguments);

// UTF-8; what is no character becomes U+FFFD.
std::string utf8_always(const std::wstring& text);
std::wstring wide_always(const std::string& text);

}  // namespace backhaul::bits

#endif
