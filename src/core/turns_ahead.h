// SPDX-License-Identifier: Apache-2.0
// How many jobs have a turn at once. Background jobs take the link one after another, as files of one job do, and
// like those, short ones are begun ahead of the link and of the disk (core/schedule.h).
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/vocabulary.h"
#include "core/schedule.h"

namespace backhaul::core {

// A short job has few files left, and none of them is large as far as anybody knows.
inline constexpr std::uint32_t files_of_short_job = 4;

// As small as those files that are fetched ahead. What is stored of a file whose size nobody told has to do for it.
inline bool is_small(std::uint64_t size_or_unknown, std::uint64_t stored) {
  return fetch_ahead(size_or_unknown == base::size_unknown ? stored : size_or_unknown).in_flight > 1;
}

// How many more may begin, where `most` may be on the link: so many are, and so many wait for the disk alone. A
// slow disk leaves nobody the link, and does not have everybody's parts open either.
inline std::uint32_t room_beside(std::uint32_t most, std::uint32_t on_link, std::uint32_t unsynced) {
  const FetchAhead small = fetch_ahead(0);
  const std::uint32_t in_all = most * (small.unsynced / small.in_flight);
  return std::min(most - std::min(most, on_link), in_all - std::min(in_all, on_link + unsynced));
}

}  // namespace backhaul::core
