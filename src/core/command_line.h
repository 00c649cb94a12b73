// SPDX-License-Identifier: Apache-2.0
// The parameters of a command line as an argument vector (notifications.md §10, N101, N114). No
// shell: nothing is expanded, and only white space, double quotes and \" mean anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace backhaul::core {

// The whole vector, argv[0] included. White space separates, double quotes group (and "" is an
// empty argument), \" is a quote in either place, every other backslash is itself. A quote that is
// not closed reaches to the end. White space at the front: argv[0] is empty, as CommandLineToArgvW
// has it. Empty parameters: the program's own path alone.
std::vector<std::string> argument_vector(std::string_view program, std::string_view parameters);

}  // namespace backhaul::core
