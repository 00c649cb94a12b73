// SPDX-License-Identifier: Apache-2.0
#include "bits/command_line.h"

#include <filesystem>

namespace backhaul::bits {

std::vector<std::string> split_command(const std::string& line) {
  std::error_code error;
  if (std::filesystem::is_regular_file(line, error)) return {line};
  std::vector<std::string> arguments;
  std::string argument;
  bool begun = false;
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    std::size_t backslashes = 0;
    while (at < line.size() && line[at] == '\\') ++backslashes, ++at;
    const bool before_quote = at < line.size() && line[at] == '"';
    argument.append(before_quote ? backslashes / 2 : backslashes, '\\');
    begun = begun || backslashes != 0;
    if (at == line.size()) break;
    if (before_quote && backslashes % 2 == 0) {
      quoted = !quoted;
      begun = true;
    } else if (!quoted && (line[at] == ' ' || line[at] == '\t')) {
      if (begun) arguments.push_back(std::move(argument));
      argument.clear();
      begun = false;
    } else {
      argument.push_back(line[at]);
      begun = true;
    }
  }
  if (begun) arguments.push_back(std::move(argument));
  return arguments;
}

}  // namespace backhaul::bits
