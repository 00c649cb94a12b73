// SPDX-License-Identifier: Apache-2.0
// Other addresses of a file, which its origin names in an answer (RFC 6249: Link with rel=duplicate). They are the last
// that are asked: when the origin, and the mirrors that its owner named, gave no more of it. Nobody but the origin says
// which version the file is, and what they send counts only where a digest that is not theirs is known of all of it. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/admit.h"
#include "core/job.h"
#include "core/neighbours.h"
#include "core/rare.h"
#include "core/text.h"

namespace backhaul::core {

// Of one file: each costs a job whose file is nowhere one more attempt.
inline constexpr std::size_t duplicates_max = 8;
inline constexpr std::size_t duplicate_octets_max = 2048;  // of an address; all of them are no more than a head is

// Why none of them is asked for this file; none: those of its row may be.
NotAsked why_no_duplicates(const Policy& policy, const Job& job, const File& file);
// Of those that its origin names, the best ones first, what the row keeps: one a line. They are http or https, for
// everybody, and as public as the address of the file: none but https for an https one, as with redirects, and none of the
// own network for one of elsewhere. None where they would not be asked anyway.
Rare<std::string> kept_duplicates(const Policy& policy, const Job& job, const File& file,
                                  const std::vector<std::string>& named);
// The first of those of its row that `may(address)` be asked; unset: none may.
template <class May>
std::optional<std::string> first_duplicate(const File& file, May may) {
  if (!file.rare->duplicates) return std::nullopt;
  for (std::string_view rest = *file.rare->duplicates; !rest.empty();) {
    const std::string one(next_line(rest));
    if (may(one)) return one;
  }
  return std::nullopt;
}

}  // namespace backhaul::core
