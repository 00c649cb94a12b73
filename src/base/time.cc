// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <algorithm>

#include "base/fnv.h"

namespace backhaul::base {

BootId boot_id_of(std::string_view name) {
  Fnv1a digest;
  digest.add(name);
  return digest.value();
}

StoredDeadline deadline_after(const Instant& now, BootId boot_id, Microseconds period) {
  return {boot_id, now.boot + period, now.wall + period, period};
}

BootTime resolve(const StoredDeadline& deadline, const Instant& now, BootId boot_id) {
  const Microseconds most = std::max(deadline.period, Microseconds{0});
  // Of the same boot, and yet further away than it ever was: a machine or container that goes on from
  // where it was some time ago has its boot clock set back.
  if (deadline.boot_id == boot_id) {
    const bool went_back = std::max(deadline.boot, BootTime{}) - now.boot > most;
    return went_back ? now.boot + most : deadline.boot;
  }
  // The wall clock may have been set in between; it may neither hurry the deadline into the past
  // for ever nor push it further away than the period asked for.
  const Microseconds rest = std::clamp(deadline.wall - now.wall, Microseconds{0}, most);
  return now.boot + rest;
}

std::uint64_t to_epoch_us(WallTime time) {
  const auto count = time.time_since_epoch().count();
  return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

WallTime from_epoch_us(std::uint64_t us) {
  return WallTime(Microseconds(static_cast<Microseconds::rep>(us)));
}

}  // namespace backhaul::base
