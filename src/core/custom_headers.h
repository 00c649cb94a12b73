// SPDX-License-Identifier: Apache-2.0
// The headers that a program adds to every request of its job (jobs.md §17): which ones can be sent, and
// which of them go only to the server that they were meant for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace backhaul::core {

inline constexpr std::size_t custom_headers_max = 16'383;  // UTF-16 units; BITS counts the NUL as well

struct CustomHeader {
  std::string_view name;
  std::string_view value;  // without the blanks around it
};

// Each line ended by CR LF or LF, the last one perhaps not at all; empty ones are passed over. `text` is
// one that check_custom_headers() took, and has to stay.
std::vector<CustomHeader> custom_headers(std::string_view text);

// BG_E_STRING_TOO_LONG; E_INVALIDARG, naming the line by its number, for what is no header, and for those
// that are the service's own: what frames a message and its connection (Content-Length, Connection, …), what
// chooses the bytes (Range, If-…), Host, and Proxy-Authorization, for which there are credentials. An error
// never repeats a value.
base::Result<void> check_custom_headers(std::string_view text);

// It may tell a server who asks: it goes to no other one, wherever a redirect leads. Known ones, and every
// name that has a word in it such as "token" or "key": what a program invents has names that say so.
bool may_carry_credentials(const CustomHeader& header);

}  // namespace backhaul::core
