// SPDX-License-Identifier: Apache-2.0
// Random access to a file that is wanted whole (files.md §8): what of it was asked for ahead of the
// rest, and from where on the rest is fetched. Every byte lies where the remote file has it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/extents.h"
#include "core/wanted.h"

namespace backhaul::core {

// An extent that ends here goes to the end of the file, wherever that is.
inline constexpr std::uint64_t end_of_file = to_end_of_file;
// So many pieces of one file may be asked for and missing at a time.
inline constexpr std::size_t asked_max = 10'000;

struct Demand {
  std::vector<Extent> asked;   // what is missing of it, in the order in which it was asked for
  std::uint64_t position = 0;  // the rest is fetched from here on, and then what lies before it

  bool operator==(const Demand&) const = default;
};

// With these ranges behind what was asked for before; what is held or asked for already is left out. The
// size is that of the remote file, if it is known. E_INVALIDARG: there is none. BG_E_INVALID_RANGE: one
// is empty, or not inside the file. BG_E_TOO_MANY_RANGES_IN_FILE: more than asked_max would be missing.
base::Result<Demand> with_ranges(Demand demand, std::span<const WantedRange> ranges,
                                 const Extents& held, std::uint64_t size);
// BG_E_INVALID_RANGE: beyond the file.
base::Result<Demand> with_position(Demand demand, std::uint64_t position, std::uint64_t size);
// Without what is held now.
Demand without(Demand demand, const Extents& held, std::uint64_t size);
// With these bytes in front: they were asked for, and what came is of no use.
Demand asked_again(Demand demand, const Extents& bytes, std::uint64_t size);
// Everything that is asked for may lie in a file of this size.
bool fits(std::span<const Extent> asked, std::uint64_t size);

// The gap that comes next: of what is asked for, or of the rest where nothing is. Unset: nothing is
// missing.
std::optional<Gap> next_gap(const Wanted& wanted, const Demand& demand, const Extents& held,
                            std::uint64_t size);

// In a row: "200-300,500-", the ends are not in it. Unset: not what text_of() gives.
std::string text_of(std::span<const Extent> asked);
std::optional<std::vector<Extent>> parse_asked(std::string_view text);

}  // namespace backhaul::core
