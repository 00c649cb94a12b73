// SPDX-License-Identifier: Apache-2.0
// Turns the words of a command line into a verb, options and operands, by the table in verbs.h.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "cli/verbs.h"

namespace backhaul::cli {

struct Arguments {
  Verb verb = Verb::help;
  std::vector<std::pair<Opt, std::string>> options;  // in their order; flags with an empty text
  std::vector<std::string> operands;
  std::vector<std::string> exec;  // the words of --exec

  bool has(Opt option) const;
  const std::string* find(Opt option) const;  // the last one
  std::vector<std::string> all(Opt option) const;
};

// What is wrong, as one sentence, and the words behind "help" that would tell more (if it got that far).
struct UsageError {
  std::string text;
  std::string help{};
};

// `words` without the name of the program. Options may stand before and behind the verb; "--" ends
// them. No words at all are `help`, and --version is all there is behind it.
std::expected<Arguments, UsageError> parse_arguments(const std::vector<std::string>& words);

// "a,b" and "a, b" as two words; empty ones are left out.
std::vector<std::string> split_list(std::string_view text);
// The known word that is closest to what was typed, or nothing when none is close.
std::string_view closest(std::string_view typed, std::span<const std::string_view> known);

}  // namespace backhaul::cli
