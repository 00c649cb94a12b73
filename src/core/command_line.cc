// SPDX-License-Identifier: Apache-2.0
#include "core/command_line.h"

#include <algorithm>

namespace backhaul::core {
namespace {

constexpr std::string_view white_space = " \t\n\r\v\f";

// Takes one argument off the front of `rest`, which begins with one.
std::string take_argument(std::string_view& rest) {
  std::string argument;
  bool quoted = false;
  while (!rest.empty()) {
    if (rest.starts_with("\\\"")) {
      argument += '"';
      rest.remove_prefix(2);
      continue;
    }
    const char c = rest.front();
    if (!quoted && white_space.find(c) != std::string_view::npos) break;
    rest.remove_prefix(1);
    if (c == '"')
      quoted = !quoted;
    else
      argument += c;
  }
  return argument;
}

}  // namespace

std::vector<std::string> argument_vector(std::string_view program, std::string_view parameters) {
  std::vector<std::string> arguments;
  std::string_view rest = parameters;
  // The first argument ends at the first white space, wherever that is.
  if (!rest.empty() && white_space.find(rest.front()) != std::string_view::npos)
    arguments.emplace_back();
  for (;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(white_space), rest.size()));
    if (rest.empty()) break;
    arguments.push_back(take_argument(rest));
  }
  if (arguments.empty()) arguments.emplace_back(program);
  return arguments;
}

}  // namespace backhaul::core
