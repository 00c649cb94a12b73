// SPDX-License-Identifier: Apache-2.0
// The values of Manager1.Policy and Manager1.Budgets as they travel (bus/org.backhaul.Manager1.xml).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace backhaul::bus {

struct PolicyEntry {  // a{sv} of Manager1.Policy
  std::string section;
  std::string key;
  std::string value;
  std::string where;
  std::string role;
  std::string leeway;
  bool at_start = false;
  bool exempt = false;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Section", s.section);
    v("Key", s.key);
    v("Value", s.value);
    v("Where", s.where);
    v("Role", s.role);
    v("Leeway", s.leeway);
    v("AtStart", s.at_start);
    v("Exempt", s.exempt);
  }
};

struct BudgetEntry {  // a{sv} of Manager1.Budgets
  std::string network;
  bool in_use = false;
  std::string period;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::optional<std::uint64_t> limit;
  std::uint64_t used = 0;
  std::optional<std::uint64_t> owner_limit;
  std::uint64_t owner_used = 0;
  std::optional<std::uint64_t> runs_out;
  bool holds_foreground = false;
  std::string where;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Network", s.network);
    v("InUse", s.in_use);
    v("Period", s.period);
    v("Begin", s.begin);
    v("End", s.end);
    v("Limit", s.limit);
    v("Used", s.used);
    v("OwnerLimit", s.owner_limit);
    v("OwnerUsed", s.owner_used);
    v("RunsOut", s.runs_out);
    v("HoldsForeground", s.holds_foreground);
    v("Where", s.where);
  }
};

}  // namespace backhaul::bus
