// SPDX-License-Identifier: Apache-2.0
// A file that comes from several neighbours at once (peer-caching.md §5.2): each sends a share of it, which is whole
// pieces as far as its begin allows. Only where digests of the pieces say who lied. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/extents.h"
#include "core/job.h"
#include "core/pieces.h"

namespace backhaul::core {

// So many send one file at a time: more of them make more requests, and no more bytes.
inline constexpr std::size_t senders_max = 3;

// The digests of its pieces that its owner expects. Unset: there are none.
std::optional<Pieces> pieces_of(const File& file);
// The digests of its pieces by which a neighbour's bytes are judged as they come. Unset: there are none, or none that is
// strong enough, or its part is not laid out as the remote file is.
std::optional<Pieces> judging_pieces(const File& file);

// What the next of so many senders is asked for, where `taken` is here or asked of others. Shares become smaller towards
// the end, so that the slowest of them does not keep the others waiting for long. Unset: nothing is left.
std::optional<Extent> next_share(const Extents& taken, std::uint64_t size, std::uint64_t piece, std::size_t senders);

// The whole piece of a file of this size around this place.
Extent piece_around(std::uint64_t place, std::uint64_t piece, std::uint64_t size);

}  // namespace backhaul::core
