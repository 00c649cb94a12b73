// SPDX-License-Identifier: Apache-2.0
// What is wanted of a remote file: all of it, or ranges (files.md §4). The ranges keep the order in which
// they were given, and the local file is their plain concatenation; of a whole file every byte lies
// where the remote file has it, also when pieces of it are asked for out of order (files.md §8). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/vocabulary.h"
#include "core/extents.h"
#include "core/rare.h"

namespace backhaul::core {

inline constexpr std::uint64_t to_end_of_file = UINT64_MAX;  // BG_LENGTH_TO_EOF

struct WantedRange {  // BG_FILE_RANGE
  std::uint64_t offset = 0;
  std::uint64_t length = to_end_of_file;

  bool operator==(const WantedRange&) const = default;
};

// Bytes that are missing, in one run of the remote file and of the part.
struct Gap {
  std::uint64_t place = 0;             // of the first one in the part
  std::uint64_t from = 0;              // of the first one in the remote file
  std::optional<std::uint64_t> until;  // where they end there; unset: where the file ends
  // So many bytes directly in front of them are held, and lie in front of them in the remote file too.
  std::uint64_t before = 0;

  bool operator==(const Gap&) const = default;
};

class Wanted {
 public:
  Wanted() = default;  // the whole file
  // E_INVALIDARG: there is none. BG_E_INVALID_RANGE: one is empty or goes beyond what a file can have.
  // BG_E_OVERLAPPING_RANGES, whatever their order; a range to the end overlaps all behind its begin.
  static base::Result<Wanted> of_ranges(std::vector<WantedRange> ranges);

  // Every byte, in its order: also [0, end) given as a range.
  bool whole() const;
  // As they were given; none: the whole file.
  std::span<const WantedRange> ranges() const;

  // Of a remote file of this size (base::size_unknown), that of the local one: known without asking
  // anybody where no range goes to the end.
  std::uint64_t local_size(std::uint64_t remote_size) const;
  // Whether all ranges lie in a file of this size (base::size_unknown: they may). One that begins at its
  // end is outside.
  bool fits(std::uint64_t remote_size) const;
  // Where a byte of the remote file lies in the local one. Unset: it is not wanted, or a range in front
  // of it ends nobody knows where.
  std::optional<std::uint64_t> place_of(std::uint64_t remote, std::uint64_t remote_size) const;
  // Where the last bytes in front of a place of the local file, at most so many, lie in the remote one: in one run
  // there, so they may be fewer.
  Extent remote_before(std::uint64_t place, std::uint64_t length, std::uint64_t remote_size) const;
  // The first that is missing, in the order of the local file. Unset: nothing is. While the size is
  // unknown a range to the end always misses its end.
  std::optional<Gap> first_gap(const Extents& stored, std::uint64_t remote_size) const;

  // In a row: "100:100,400:eof", offset and length; empty: the whole file.
  std::string text() const;
  // Unset: not what text() gives.
  static std::optional<Wanted> parse(std::string_view text);

  bool operator==(const Wanted&) const = default;

 private:
  std::span<const WantedRange> pieces() const;

  Rare<std::vector<WantedRange>> ranges_;  // never empty
};

static_assert(sizeof(Wanted) == sizeof(void*));

}  // namespace backhaul::core
