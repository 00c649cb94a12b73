// SPDX-License-Identifier: Apache-2.0
// The pieces of what a neighbour sends, each held against its digest as it comes: whoever lies has wasted one piece when
// that is known, and not a file. Only pieces that come whole are judged; the rest is when the file is here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/extents.h"
#include "core/pieces.h"
#include "os/hash.h"

namespace backhaul::curl {

class PieceCheck {
 public:
  // Of a file of this size.
  PieceCheck(core::Pieces expected, std::uint64_t size);

  // These bytes came, and lie there in the file. The first piece that is another than it has to be.
  std::optional<core::Extent> add(std::uint64_t place, std::span<const std::byte> bytes);

 private:
  bool is_wrong();

  core::Pieces expected_;
  std::uint64_t size_;
  std::uint64_t at_ = 0;  // of the byte behind the last one
  core::Extent piece_;    // that `hash_` is of
  std::optional<os::Hash> hash_;  // unset: no piece is under way from its begin on
};

}  // namespace backhaul::curl
