// SPDX-License-Identifier: Apache-2.0
// How much of the line background jobs may have, and when: the administrator's limits as a value
// (policies.md §2, §3), and the one that holds at a moment. Foreground jobs know no limit.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include "base/time.h"
#include "base/vocabulary.h"
#include "core/rate_limiter.h"

namespace backhaul::core {

// Kilobits a second; unset: no limit, 0: nothing at all.
using Kilobits = std::optional<std::uint32_t>;

// Days from Sunday (0) on, hours from midnight on; the last hour does not belong to it. Both may pass
// the end: Fri..Mon, 22..6. The same hour twice is the whole day. In a night that passes midnight the
// day is the one on which it began.
struct WeeklyHours {
  std::uint8_t first_day = 0;
  std::uint8_t last_day = 6;
  std::uint8_t from = 0;
  std::uint8_t to = 0;

  bool contains(unsigned day, unsigned hour) const;
  bool operator==(const WeeklyHours&) const = default;
};

// One limit for every background priority, from high to low, and the line that says each.
struct PriorityLimits {
  std::array<Kilobits, 3> kilobits{};
  std::array<std::string, 3> where{};

  bool operator==(const PriorityLimits&) const = default;
};

struct Bandwidth {
  // Later ones are asked first.
  std::optional<std::uint32_t> limit;  // the simple form: within its hours, every day
  Kilobits outside;
  WeeklyHours hours{.first_day = 0, .last_day = 6, .from = 8, .to = 17};
  std::string where;                   // of the simple form
  std::optional<WeeklyHours> work;     // everything else is not work
  PriorityLimits at_work, off_work;
  std::optional<WeeklyHours> maintenance;
  PriorityLimits at_maintenance;
  bool ignore_on_lan = false;  // none of it is for servers of the own network (core::is_near)

  // Nothing limits anybody at any time.
  bool none() const { return !limit && !work && !maintenance; }
  bool operator==(const Bandwidth&) const = default;
};

struct BandwidthNow {
  Kilobits kilobits;
  std::string where;  // the line that says so; empty: nothing is said
  std::optional<std::chrono::hours> hours_left;  // whole ones after this, until it changes
};

// `local`: the time of the clock on the wall where the machine is.
BandwidthNow bandwidth_at(const Bandwidth& bandwidth, base::Priority priority, base::WallTime local);
// The tightest of several, all of which hold. `near`: for a server of the own network.
BandwidthNow bandwidth_at(std::span<const Bandwidth> all, base::Priority priority,
                          base::WallTime local, bool near = false);
// What transfers are kept to at this moment.
RateLimits rate_limits(std::span<const Bandwidth> all, base::WallTime local);
// The first full hour after it.
base::WallTime next_hour(base::WallTime local);

}  // namespace backhaul::core
