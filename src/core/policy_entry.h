// SPDX-License-Identifier: Apache-2.0
// What is in force, for people: each key of the settings with its value, who says so and where, and what that
// means for a user's own file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backhaul::core {

// What the machine's word leaves to the file of a user.
enum class Leeway : std::uint8_t {
  tighter,  // a bound: it may be made tighter, never looser
  both,     // a bound: the machine's and the user's hold both, each with a line of its own in a list
  any,      // a default: a user may say anything
  none,     // the machine's alone: a user says nothing
};

constexpr std::string_view to_word(Leeway leeway) {
  switch (leeway) {
    case Leeway::tighter: return "tighter";
    case Leeway::both: return "both";
    case Leeway::any: return "any";
    case Leeway::none: return "none";
  }
  return "";
}

enum class SaidBy : std::uint8_t {
  nobody,
  machine,
  user,
  program,  // no file, and somebody asked for it by a call (core/peer_preferences.h)
};

struct PolicyEntry {
  std::string section;
  std::string key;
  std::string value;  // as it would stand in a file
  SaidBy said_by = SaidBy::nobody;
  std::string where{};  // "file:line"; empty: it is built in
  Leeway leeway = Leeway::tighter;
  bool of_owners = false;  // a limit that exempt accounts do not mind
  bool at_start = false;   // a line that changes takes effect when the service starts

  bool operator==(const PolicyEntry&) const = default;
};

using PolicyList = std::vector<PolicyEntry>;

// "default", "bound", "user" or "asked": what the value in force is to whoever it holds for. What the machine says and
// a user may change is a default like what is built in.
constexpr std::string_view role_of(const PolicyEntry& entry) {
  if (entry.said_by == SaidBy::user) return "user";
  if (entry.said_by == SaidBy::program) return "asked";
  if (entry.said_by == SaidBy::nobody || entry.leeway == Leeway::any) return "default";
  return "bound";
}

}  // namespace backhaul::core
