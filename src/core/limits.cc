// SPDX-License-Identifier: Apache-2.0
#include "core/limits.h"

#include <algorithm>

namespace backhaul::core {

std::string by_rule(std::string_view key, std::string_view where) {
  std::string text = "(" + std::string(key);
  if (!where.empty()) text.append(", ").append(where);
  return text + ")";
}

bool may_run(const CommandRules& rules, std::string_view program) {
  return rules.run.value && std::ranges::all_of(rules.listed, [&](const Rule<std::vector<std::string>>& rule) {
           return rule.where.empty() || std::ranges::find(rule.value, program) != rule.value.end();
         });
}

}  // namespace backhaul::core
