// SPDX-License-Identifier: Apache-2.0
// A rule that somebody laid down: its value, and the line of the settings that says it.
#pragma once

#include <string>

namespace backhaul::core {

template <class Value>
struct Rule {
  Value value{};
  std::string where{};  // "file:line"; empty: nobody says anything, and the value is built in

  bool operator==(const Rule&) const = default;
};

}  // namespace backhaul::core
