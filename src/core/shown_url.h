// SPDX-License-Identifier: Apache-2.0
// Addresses as they may stand in a log, in an error or on a screen: people read those, copy them and
// send them around, and an address can carry a password or the token of a signed link.
#pragma once

#include <string>
#include <string_view>

namespace backhaul::core {

// Without user, password, query and fragment; control characters are '?'. Takes any text: what was
// refused for being no URL is shown with the same care.
std::string shown_url(std::string_view url);

// A text that may hold addresses, from a library or a server: each of them as above.
std::string shown_text(std::string_view text);

// Control characters and what is no UTF-8 are '?': the bus carries only UTF-8.
std::string harmless(std::string_view text);

// The address of a proxy: without a path as well, which none has.
std::string shown_proxy(std::string_view address);
// A list of proxies (core/proxy.h): each as above.
std::string shown_proxies(std::string_view list);

// A value as it is quoted in an error: "\"value\"", control characters as '?', a long one cut.
std::string in_quotes(std::string_view value);
// One character of a text: "'*'", "a blank", "a control character (0x1b)", "a byte beyond ASCII (0xc3)".
std::string character_text(char c);

}  // namespace backhaul::core
