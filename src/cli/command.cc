// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace backhaul::cli {
namespace {

constexpr std::array naming{Opt::system, Opt::user, Opt::user_of, Opt::bus};

// As a shell takes it for one word.
std::string shell_word(const std::string& text) {
  const bool plain = std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-_./:=,+@%").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace

bool names_service(const Arguments& arguments) {
  return std::ranges::any_of(naming, [&](Opt option) { return arguments.has(option); });
}

Command::Command(const Arguments& arguments, const DefaultInstance& usual) {
  for (const Opt option : naming) {
    const std::string* const value = arguments.find(option);
    if (value == nullptr) continue;
    // With "=", or a value that looks like a verb would be taken for one.
    front_ += "--" + std::string(row(option).name) + (value->empty() ? "" : "=" + shell_word(*value)) + " ";
  }
  if (names_service(arguments)) return;
  if (usual.system) front_ += "--system ";
  else if (!usual.reason.empty()) front_ += "--user ";
}

}  // namespace backhaul::cli
