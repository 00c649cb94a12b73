// SPDX-License-Identifier: Apache-2.0
// The table of all keys of settings files: what is built in, whether what the machine says is a bound or a
// default for the file of a user, and whether a line that changes holds at once. Everything that is said of a
// key anywhere comes from its row; only its meaning is in settings.cc and policy_settings.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/policy_entry.h"
#include "daemon/settings.h"

namespace backhaul::daemon {

enum class KeyKind : std::uint8_t {
  number,
  yes_or_no,
  level,
  roots,
  applications,
  users,
  programs,
  origins,
  agent,
  implicit,
  proxy,
  bypass,
  of_world,  // what the world has to be like: policy_settings.cc
};

// When a line that changes takes effect.
enum class Holds : std::uint8_t { at_once, from_start };

struct SettingsKey {
  std::string_view section;   // a section "Budget" has others "Budget.NETWORK" with the same keys
  std::string_view name;
  core::Leeway leeway;
  Holds holds;
  std::string_view built_in;  // as it would stand in a file; empty: nothing, and nobody is told of it
  KeyKind kind;
  std::uint32_t Settings::*number = nullptr;
  std::uint32_t least = 0, most = 0;
  bool Settings::*yes_or_no = nullptr;
  bool tighter = false;       // of yes and no, the one that a user cannot take back
  bool of_owners = false;     // a limit that exempt accounts do not mind
  bool for_others = false;    // for the sake of others: what is built in is a bound as well
};

std::span<const SettingsKey> settings_keys();
// Null: there is none.
const SettingsKey* find_key(std::string_view section, std::string_view name);

}  // namespace backhaul::daemon
