// SPDX-License-Identifier: Apache-2.0
// What a file is called here that is named by nothing but its address: whoever wrote that address chose the name,
// and neither a terminal, nor a shell, nor a program that reads lists of names should obey it.
#pragma once

#include <string>
#include <string_view>

namespace backhaul::core {

// The last part of the path of a URL, decoded, without query and fragment. Each control character (C0, DEL, C1, the
// end of a line or of a paragraph), change of direction, character that nobody sees, byte that is no UTF-8, and each
// '/' becomes '_'; so does '-' or '.' in front. Empty where the URL ends in a slash, in "." or "..", or has no path.
std::string local_name_of(std::string_view url);

}  // namespace backhaul::core
