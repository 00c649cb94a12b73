// SPDX-License-Identifier: Apache-2.0
// Jobs that are needed by some moment of the clock on the wall. They begin as gently as their priority says;
// the less time is left for what is left of them, the more they are preferred to others. That clock may be
// wrong, and ends nothing: it makes a job more assertive and does nothing else. What an administrator lays
// down (cost, power, bandwidth) goes by the priority of the job, however urgent it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "base/vocabulary.h"
#include "core/job.h"
#include "core/standing.h"

namespace backhaul::core {

struct Need {
  base::Microseconds time_left{};     // below zero: the moment is over
  std::optional<std::uint64_t> left;  // octets; unset: nobody knows how many
  std::optional<std::uint64_t> rate;  // octets a second that it gets, or got; unset: not measured yet
  Urgency urgency = Urgency::gentle;  // until now
};

// Unset: it is not needed by any moment, or has nothing left to fetch. `rate`: as it is measured now; 0: it is not.
std::optional<Need> need_of(const Job& job, base::WallTime now, std::uint64_t rate);

// How long what is left takes, with what is assumed where nothing is known, and some time for a server that
// does not answer at once.
base::Microseconds takes(const Need& need);
// Like one of high priority when four times that is left, beside others when twice that is; back when there is
// twice as much time again, so that a rate that goes up and down does not.
Urgency urgency_of(const Need& need);
// When it may be more urgent although nothing happens to it.
base::Microseconds next_look(const Need& need);
// "needed in 2 h; 1.5G are left, which takes 8 min at 3.1M/s, and 30 s to spare: …".
std::string describe(const Need& need);

// The priority by which it gets its turns.
base::Priority served_as(const Job& job);
Standing standing_of(const Job& job);

}  // namespace backhaul::core
