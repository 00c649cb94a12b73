// SPDX-License-Identifier: Apache-2.0
// A command line, quoted as on Windows, as a list of arguments.
#ifndef SRC_BITS_COMMAND_LINE_H
#define SRC_BITS_COMMAND_LINE_H

#include <string>
#include <vector>

namespace backhaul::bits {

// Quotes hold an argument together; \" is a quote, and backslashes before a quote count in pairs.
// A line that as a whole is the path of a file is that one argument, blanks and all.
std::vector<std::string> split_command(const std::string& line);

}  // namespace backhaul::bits

#endif
