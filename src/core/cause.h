// SPDX-License-Identifier: Apache-2.0
// A link of the chain that explains why a job waits: the job itself, those that are served before it,
// what the machine tells, and the policy with the line that says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace backhaul::core {

enum class Subject : std::uint8_t { job, before, world, policy };

struct Cause {
  Subject subject = Subject::job;
  std::string kind{};               // a word of waiting.h
  std::optional<base::JobId> job{};  // of `before`, where the caller may know which
  base::WallTime since{};           // epoch: not known
  base::WallTime until{};
  std::string sentence{};           // without a final stop
  std::string where{};              // "file:line", or who says so; empty: nobody said anything

  bool operator==(const Cause&) const = default;
};

// "job", "before", "world", "policy".
constexpr std::string_view to_word(Subject subject) {
  switch (subject) {
    case Subject::job: return "job";
    case Subject::before: return "before";
    case Subject::world: return "world";
    case Subject::policy: return "policy";
  }
  return {};
}

}  // namespace backhaul::core
