// SPDX-License-Identifier: Apache-2.0
// How many jobs have a turn at once. Those whose bytes are all here, and that wait for the disk alone, leave the link
// to others: a slow disk must not leave it idle.
#pragma once

#include <cstdint>

#include "core/schedule.h"

namespace backhaul::core {

// So many in all, where `most` may be on the link: so many are, and so many wait for the disk. Those are bounded as
// well, as the files of one job are, because each has its parts open.
inline std::uint32_t turns_in_all(std::uint32_t most) {
  const FetchAhead small = fetch_ahead(0);
  return most * ((small.unsynced - small.opened) / small.in_flight);
}

}  // namespace backhaul::core
