// SPDX-License-Identifier: Apache-2.0
// How many jobs have a turn at once. Those whose bytes are all here, and that wait for the disk alone, leave the link
// to others: a slow disk must not leave it idle.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/schedule.h"

namespace backhaul::core {

// How many more may begin, where `most` may be on the link: so many are, and so many wait for the disk. Those are
// bounded as well, as the files of one job are, because each has its parts open.
inline std::uint32_t room_beside(std::uint32_t most, std::uint32_t on_link, std::uint32_t unsynced) {
  const FetchAhead small = fetch_ahead(0);
  const std::uint32_t in_all = most * ((small.unsynced - small.opened) / small.in_flight);
  return std::min(most - std::min(most, on_link), in_all - std::min(in_all, on_link + unsynced));
}

}  // namespace backhaul::core
