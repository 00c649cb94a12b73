// SPDX-License-Identifier: Apache-2.0
// One rule of the settings, as a line lays it down: what the machine says is a bound for a user.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/rule.h"
#include "daemon/policy_settings.h"
#include "daemon/setting_number.h"

namespace backhaul::daemon {

inline PolicyVerdict not_a(const PolicyLine& line, std::string_view what) {
  return {.error = fmt::format("{} = {}: {}", line.key, line.value, what), .warning = {}};
}

// `other`: than what stands there.
inline PolicyVerdict used(const PolicyLine& line, const NumberRange& range, bool other, std::string_view value) {
  if (!other) return {};
  return {.error = {}, .warning = range.replaced(line.key, line.value, value), .used = std::string(value)};
}

// --- one value that is tighter or looser ---------------------------------------------------------

// What nobody of the machine laid down a user may say freely: the built-in value is only a beginning.
template <class Value, class IsTighter>
PolicyVerdict take(core::Rule<Value>& rule, const core::Rule<Value>* machine,
                   const std::optional<Value>& value, Value built_in, const PolicyLine& line,
                   const IsTighter& is_tighter) {
  if (line.value.empty()) {
    rule = machine != nullptr ? *machine : core::Rule<Value>{built_in, {}};
    return {};
  }
  if (machine != nullptr && !machine->where.empty() && !is_tighter(*value, machine->value)) {
    rule = *machine;
    return {.error = {},
            .warning = fmt::format("{} = {} is looser than what the machine says at {}: that holds",
                                   line.key, line.value, machine->where),
            .refused = true};
  }
  rule = {*value, line.where};
  return {};
}

// `value_of` makes the value of the rule of the number.
template <class Value, class ValueOf>
PolicyVerdict take_nearest(core::Rule<Value>& rule, const core::Rule<Value>* machine, Value built_in,
                           const NumberRange& range, const PolicyLine& line, const ValueOf& value_of) {
  const auto read = number_of(line.value);
  if (!line.value.empty() && !read) return not_a(line, "not a number");
  const std::int64_t taken = range.nearest(read.value_or(range.least));
  PolicyVerdict verdict = take(rule, machine, std::optional(value_of(taken)), built_in, line,
                               [](const Value& mine, const Value& theirs) { return mine <= theirs; });
  if (verdict.refused || !read) return verdict;
  return used(line, range, taken != *read, std::to_string(taken));
}

// "yes" or "no", of which one is tighter.
inline PolicyVerdict take_switch(core::Rule<bool>& rule, const core::Rule<bool>* machine, bool built_in, bool tighter,
                                 const PolicyLine& line) {
  std::optional<bool> value;
  if (line.value == "yes" || line.value == "no") value = line.value == "yes";
  if (!line.value.empty() && !value) return not_a(line, "neither yes nor no");
  return take(rule, machine, value, built_in, line,
              [&](bool mine, bool theirs) { return mine == theirs || mine == tighter; });
}

}  // namespace backhaul::daemon
