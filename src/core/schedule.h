// SPDX-License-Identifier: Apache-2.0
// Who transfers when (jobs.md §6). Foreground jobs all run together, beside one background job; what they share is for
// all owners alike (core/fair_share.h).
// Background priorities preempt strictly; within a priority jobs take turns of one slice.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "base/vocabulary.h"

namespace backhaul::core {

inline constexpr base::Microseconds slice_length = std::chrono::seconds(60);
// To one server: as many as one job of small files makes use of.
inline constexpr std::uint32_t connections_per_server = 16;

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

// What goes to one server at this moment.
struct ServerUse {
  std::uint32_t jobs = 0;  // that have a turn
  std::uint32_t connections = 0;
};
// Whether a job that has so many connections there may open one more. The jobs of a server share it evenly,
// and each has one.
bool may_connect(const ServerUse& use, std::uint32_t own, std::uint32_t most);

// Many jobs may go on at one moment: the network is back, the machine woke. The first foreground job begins
// at once, each of the others a moment after the one before it, until nobody came for a while.
struct Spread {
  static constexpr base::Microseconds least_gap = std::chrono::milliseconds(50);
  static constexpr base::Microseconds most_gap = std::chrono::milliseconds(250);
  static constexpr base::Microseconds lasts = std::chrono::seconds(10);

  base::BootTime next{};

  bool is_over(base::BootTime now) const { return now >= next + lasts; }
  // Foreground jobs that may begin now.
  std::uint32_t room(base::BootTime now) const { return now >= next ? 1 : 0; }
  // One began. `drawn`: any number, by chance.
  void began(base::BootTime now, std::uint64_t drawn);
  bool operator==(const Spread&) const = default;
};

// How many files of one job may be on their way at once. Files are fetched one after another; only
// small ones are fetched ahead, because a round trip costs more than their bytes.
struct FetchAhead {
  std::uint32_t in_flight = 1;   // requests, with those whose part is just being opened
  std::uint32_t opened = 0;      // parts that are opened before there is a request for them
  std::uint32_t unsynced = 1;    // both, with those that were received and wait for the disk
};
FetchAhead fetch_ahead(std::uint64_t largest_recent_size);

}  // namespace backhaul::core
