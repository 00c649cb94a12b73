// SPDX-License-Identifier: Apache-2.0
// Programs that download by themselves and ask for leave to (the interface of Mogwai): whether anybody may now, and who
// of those that ask. They obey of their own accord, so nothing here is a right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>

#include "base/time.h"
#include "core/admit.h"

namespace backhaul::core {

// What the queue says.
struct Leave {
  bool allowed = true;          // the world and what is laid down let background downloads go on
  bool own_background = false;  // a job of the queue that is in the background moves

  bool operator==(const Leave&) const = default;
};

// Whether a job of usual priority might fetch from afar now: what programs do by themselves is not better than that.
// From where they fetch nobody knows, so the rules of origins have no say.
bool may_fetch_from_afar(const World& world, const Policy& policy, base::WallTime now);

struct Asking {
  std::uint64_t number = 0;    // ascending
  std::uint32_t uid = 0;       // of the account that it is for
  std::uint32_t priority = 0;  // the higher the sooner
  bool resumable = false;      // it loses nothing by a pause
  bool active = false;         // it has leave
};

// So many downloads in the background at once, those of the queue counting as one: then neither keeps the other
// waiting for ever, and together they take no more than a line bears.
inline constexpr std::size_t downloads_at_once = 2;

// The numbers of those that may go on: accounts take turns; of one account first what would lose by a pause, then what
// has the higher priority, then who asked first.
std::set<std::uint64_t> may_go_on(std::span<const Asking> all, const Leave& leave);

}  // namespace backhaul::core
