// SPDX-License-Identifier: Apache-2.0
#include "base/vocabulary.h"

#include <array>
#include <cstddef>

namespace backhaul::base {
namespace {

constexpr std::array<std::string_view, 3> types{"download", "upload", "upload-reply"};
constexpr std::array<std::string_view, job_state_count> states{
    "queued",          "connecting",  "transferring", "suspended", "error",
    "transient-error", "transferred", "acknowledged", "cancelled"};
constexpr std::array<std::string_view, 4> priorities{"foreground", "high", "normal", "low"};
constexpr std::array<std::string_view, 9> contexts{
    "none",        "unknown",           "queue-manager",      "notification", "local-file",
    "remote-file", "general-transport", "remote-application", "certificate-callback"};

template <class E, std::size_t n>
std::string_view word(const std::array<std::string_view, n>& words, E value) {
  auto index = static_cast<std::size_t>(value);
  return index < n ? words[index] : std::string_view("unknown");
}

template <class E, std::size_t n>
std::optional<E> value(const std::array<std::string_view, n>& words, std::string_view word) {
  for (std::size_t i = 0; i < n; ++i)
    if (words[i] == word) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_word(JobType type) { return word(types, type); }
std::string_view to_word(JobState state) { return word(states, state); }
std::string_view to_word(Priority priority) { return word(priorities, priority); }
std::string_view to_word(ErrorContext context) { return word(contexts, context); }
std::optional<JobState> job_state_from_word(std::string_view w) { return value<JobState>(states, w); }
std::optional<Priority> priority_from_word(std::string_view w) {
  return value<Priority>(priorities, w);
}

}  // namespace backhaul::base
