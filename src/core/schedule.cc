// SPDX-License-Identifier: Apache-2.0
#include "core/schedule.h"

#include <algorithm>

namespace backhaul::core {
namespace {

constexpr std::uint64_t small_file_bytes = 1U << 20;

}  // namespace

TurnDecision decide_turn(const std::optional<TurnHolder>& holder,
                         std::optional<base::Priority> candidate, base::BootTime now,
                         base::Microseconds slice) {
  if (!candidate) return TurnDecision::keep;
  if (!holder) return TurnDecision::give;
  if (*candidate < holder->priority) return TurnDecision::preempt;
  if (*candidate == holder->priority && now - holder->slice_began >= slice)
    return TurnDecision::preempt;
  return TurnDecision::keep;
}

bool may_connect(const ServerUse& use, std::uint32_t own, std::uint32_t most) {
  const std::uint32_t share = std::max(most / std::max(use.jobs, 1U), 1U);
  return use.connections < most && own < share;
}

void Spread::began(base::BootTime now, std::uint64_t drawn) {
  const auto width = static_cast<std::uint64_t>((most_gap - least_gap).count());
  next = now + least_gap + base::Microseconds(static_cast<std::int64_t>(drawn % (width + 1)));
}

FetchAhead fetch_ahead(std::uint64_t largest_recent_size) {
  // Unknown sizes compare as huge: nothing is fetched ahead before one file was seen to be small.
  if (largest_recent_size > small_file_bytes) return {.in_flight = 1, .opened = 0, .unsynced = 2};
  // What opens a part takes two turns: without the next ones at hand half of the requests would wait for that.
  return {.in_flight = 16, .opened = 16, .unsynced = 80};
}

}  // namespace backhaul::core
