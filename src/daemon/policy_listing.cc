// SPDX-License-Identifier: Apache-2.0
#include "daemon/policy_listing.h"

#include <algorithm>
#include <utility>

namespace backhaul::daemon {
namespace {

using core::Leeway;
using core::PolicyEntry;
using core::SaidBy;

PolicyEntry entry_of(const SettingsKey& key, std::string_view section) {
  return {.section = std::string(section),
          .key = std::string(key.name),
          .value = std::string(key.built_in),
          .leeway = key.leeway,
          .of_owners = key.of_owners,
          .at_start = key.holds == Holds::from_start};
}

bool is_of(const PolicyEntry& entry, std::string_view section, std::string_view name) {
  return entry.section == section && entry.key == name;
}

}  // namespace

PolicyListing::PolicyListing() {
  for (const SettingsKey& key : settings_keys()) entries_.push_back(entry_of(key, key.section));
}

// Where both hold each has an entry.
PolicyEntry* PolicyListing::find(std::string_view section, std::string_view name, bool of_user) {
  for (PolicyEntry& entry : entries_)
    if (is_of(entry, section, name) &&
        (entry.leeway != Leeway::both || of_user == (entry.said_by == SaidBy::user)))
      return &entry;
  return nullptr;
}

void PolicyListing::take_back(const SettingsKey& key, const Line& line) {
  const auto same = [&](const PolicyEntry& entry) { return is_of(entry, line.section, key.name); };
  if (line.of_user && key.leeway == Leeway::both) {
    std::erase_if(entries_, [&](const PolicyEntry& one) { return same(one) && one.said_by == SaidBy::user; });
    return;
  }
  PolicyEntry* const entry = find(line.section, key.name, line.of_user);
  if (entry == nullptr) return;
  const auto machine = std::ranges::find_if(of_machine_, same);
  *entry = machine != of_machine_.end() ? *machine : entry_of(key, line.section);
}

void PolicyListing::say(const SettingsKey& key, Line line) {
  if (line.value.empty()) return take_back(key, line);
  PolicyEntry* entry = find(line.section, key.name, line.of_user);
  if (entry == nullptr) {
    // Behind the others of its section.
    const auto last = std::ranges::find_if(entries_.rbegin(), entries_.rend(), [&](const PolicyEntry& one) {
      return one.section == line.section;
    });
    entry = &*entries_.insert(last.base() == entries_.begin() ? entries_.end() : last.base(), entry_of(key, line.section));
  }
  if (line.of_user && entry->said_by != SaidBy::user) of_machine_.push_back(*entry);
  entry->value = line.value;
  entry->where = std::move(line.where);
  entry->said_by = line.of_user ? SaidBy::user : SaidBy::machine;
}

void PolicyListing::correct(std::string_view name, std::string value) {
  for (PolicyEntry& entry : entries_)
    if (entry.key == name) entry.value = std::move(value);
}

void PolicyListing::follow(std::string_view name, std::string value, std::string_view other) {
  correct(name, std::move(value));
  const auto leader = std::ranges::find(entries_, other, &PolicyEntry::key);
  const auto follower = std::ranges::find(entries_, name, &PolicyEntry::key);
  if (leader == entries_.end() || follower == entries_.end()) return;
  follower->where = leader->where;
  follower->said_by = leader->said_by;
}

core::SaidBy PolicyListing::said_by(std::string_view name) const {
  const auto entry = std::ranges::find(entries_, name, &PolicyEntry::key);
  return entry == entries_.end() ? SaidBy::nobody : entry->said_by;
}

std::string PolicyListing::where_of_machine(std::string_view name) const {
  for (const core::PolicyList* list : {&of_machine_, &entries_})
    for (const PolicyEntry& entry : *list)
      if (entry.key == name && entry.said_by == SaidBy::machine) return entry.where;
  return {};
}

std::string where_of(const core::PolicyList& list, std::string_view section, std::string_view name) {
  for (const PolicyEntry& entry : list)
    if (is_of(entry, section, name) && !entry.where.empty()) return entry.where;
  return {};
}

core::PolicyList after_reload(const core::PolicyList& before, core::PolicyList read) {
  for (PolicyEntry& entry : read) {
    if (!entry.at_start) continue;
    const auto same = std::ranges::find_if(before, [&](const PolicyEntry& one) { return is_of(one, entry.section, entry.key); });
    if (same != before.end()) entry = *same;
  }
  return read;
}

}  // namespace backhaul::daemon
