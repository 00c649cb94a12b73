// SPDX-License-Identifier: Apache-2.0
// Who transfers when (jobs.md §6). Foreground jobs all run together, beside one background job.
// Background priorities preempt strictly; within a priority jobs take turns of one slice.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "base/vocabulary.h"

namespace backhaul::core {

inline constexpr base::Microseconds slice_length = std::chrono::seconds(60);

constexpr bool is_background(base::Priority priority) {
  return priority != base::Priority::foreground;
}

// The one background job that holds the turn.
struct TurnHolder {
  base::Priority priority = base::Priority::normal;
  base::BootTime slice_began{};
};

enum class TurnDecision : std::uint8_t {
  keep,     // nothing changes
  give,     // nobody holds the turn: give it to the candidate
  preempt,  // take it from the holder, then give it to the candidate
};

// `candidate`: priority of the best background job that is queued and could start now.
TurnDecision decide_turn(const std::optional<TurnHolder>& holder,
                         std::optional<base::Priority> candidate, base::BootTime now,
                         base::Microseconds slice);

// How many files of one job may be on their way at once. Files are fetched one after another; only
// small ones are fetched ahead, because a round trip costs more than their bytes.
struct FetchAhead {
  std::uint32_t in_flight = 1;   // requests
  std::uint32_t unsynced = 1;    // received, waiting for the disk; in_flight included
};
FetchAhead fetch_ahead(std::uint64_t largest_recent_size);

}  // namespace backhaul::core
