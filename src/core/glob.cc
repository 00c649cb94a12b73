// SPDX-License-Identifier: Apache-2.0
// Backtracks to the last '*' only, so a hostile pattern costs at most pattern times text.
#include "core/names.h"
#include "core/utf8.h"

namespace backhaul::core {
namespace {

// Names that are not UTF-8 cannot get in; should one be met, its bytes are its characters.
char32_t take(std::string_view& text) {
  if (const auto character = take_character(text)) return *character;
  const auto byte = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  return byte;
}

// Matches one character against the class that begins `pattern`, behind the '['. Unset: not closed.
// On success `pattern` moves behind the ']'.
std::optional<bool> match_class(std::string_view& pattern, char32_t c) {
  std::string_view rest = pattern;
  const bool negated = !rest.empty() && rest.front() == '!';
  if (negated) rest.remove_prefix(1);
  bool found = false;
  for (bool first = true; !rest.empty(); first = false) {
    const char32_t low = take(rest);
    if (low == ']' && !first) {
      pattern = rest;
      return found != negated;
    }
    char32_t high = low;
    if (rest.size() >= 2 && rest[0] == '-' && rest[1] != ']') {
      rest.remove_prefix(1);
      high = take(rest);
    }
    if (low <= c && c <= high) found = true;
  }
  return std::nullopt;
}

// Matches one character of `text` against the front of `pattern`, which is not a '*', and moves
// both on.
bool match_one(std::string_view& pattern, std::string_view& text) {
  const char32_t c = take(text);
  const char32_t p = take(pattern);
  if (p == '?') return true;
  if (p == '[')
    if (const auto matched = match_class(pattern, c)) return *matched;
  return p == c;
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  bool starred = false;
  std::string_view after_star;  // of the pattern, behind the last '*'
  std::string_view retry;       // of the text: what that '*' has not swallowed yet
  while (true) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      starred = true;
      after_star = pattern;
      retry = text;
      continue;
    }
    if (text.empty()) return pattern.empty();
    if (!pattern.empty() && match_one(pattern, text)) continue;
    if (!starred || retry.empty()) return false;
    take(retry);  // the '*' swallows one character more
    pattern = after_star;
    text = retry;
  }
}

}  // namespace backhaul::core
