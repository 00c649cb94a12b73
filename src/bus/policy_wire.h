// SPDX-License-Identifier: Apache-2.0
// The value of Manager1.Policy as it travels (bus/org.backhaul.Manager1.xml).
#pragma once

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

}  // namespace backhaul::bus
