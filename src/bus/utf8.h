// SPDX-License-Identifier: Apache-2.0
// The bus closes the connection of whoever sends a string that is not UTF-8, and some of our
// strings come from servers: every string is made valid before it is sent.
#pragma once

#include <string>
#include <string_view>

namespace backhaul::bus {

// No surrogates, no overlong forms, nothing above U+10FFFF, no NUL.
bool is_valid_utf8(std::string_view text);
// Every byte that is in the way becomes U+FFFD; NUL too.
std::string to_valid_utf8(std::string_view text);

}  // namespace backhaul::bus
