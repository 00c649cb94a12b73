// SPDX-License-Identifier: Apache-2.0
// Who said what of each key, while the files are read: the list that people are shown.
#pragma once

#include <string>
#include <string_view>

#include "core/policy_entry.h"
#include "daemon/settings_keys.h"

namespace backhaul::daemon {

class PolicyListing {
 public:
  // What is built in.
  PolicyListing();

  struct Line {
    std::string_view section, value;
    std::string where;  // "file:line"
    bool of_user = false;
  };
  // A line that holds. Without a value: nobody says anything again, or nobody but the machine.
  void say(const SettingsKey& key, Line line);
  // Of a key that holds as another value than it was written.
  void correct(std::string_view name, std::string value);
  // The line that says `other` is what sets this one.
  void follow(std::string_view name, std::string value, std::string_view other);
  core::SaidBy said_by(std::string_view name) const;
  // Where the machine says it; empty: it does not.
  std::string where_of_machine(std::string_view name) const;

  const core::PolicyList& entries() const { return entries_; }

 private:
  core::PolicyEntry* find(std::string_view section, std::string_view name, bool of_user);
  void take_back(const SettingsKey& key, const Line& line);

  core::PolicyList entries_;
  core::PolicyList of_machine_;  // as they were before a user said something else
};

// Where a key is said by anybody; empty: nobody does.
std::string where_of(const core::PolicyList& list, std::string_view section, std::string_view name);
// What holds after the files were read again: keys of the start are as they were.
core::PolicyList after_reload(const core::PolicyList& before, core::PolicyList read);

}  // namespace backhaul::daemon
