// SPDX-License-Identifier: Apache-2.0
#include "core/shares.h"

#include <algorithm>

namespace backhaul::core {

std::optional<Pieces> pieces_of(const File& file) {
  return file.rare->expected ? parse_pieces(file.rare->expected->pieces) : std::nullopt;
}

std::optional<Pieces> judging_pieces(const File& file) {
  if (!file.wanted.whole()) return std::nullopt;
  auto pieces = pieces_of(file);
  // SHA-1 tells which piece broke on its way, and not who wanted to deceive.
  if (!pieces || pieces->size.algorithm == DigestAlgorithm::sha1) return std::nullopt;
  const std::uint64_t size = file.size();
  if (size == base::size_unknown || piece_count(pieces->size, size) != pieces->count()) return std::nullopt;
  return pieces;
}

std::optional<Extent> next_share(const Extents& taken, std::uint64_t size, std::uint64_t piece, std::size_t senders) {
  const auto gap = taken.first_gap({0, size});
  if (!gap) return std::nullopt;
  const std::uint64_t left = size - taken.total();
  const std::uint64_t length = std::max<std::uint64_t>(left / (2 * std::max<std::size_t>(senders, 1)), 1);
  const std::uint64_t last = std::min(gap->begin + length, gap->end) - 1;
  return Extent{gap->begin, std::min(piece_around(last, piece, size).end, gap->end)};
}

Extent piece_around(std::uint64_t place, std::uint64_t piece, std::uint64_t size) {
  const std::uint64_t begin = place / piece * piece;
  return {begin, size - begin < piece ? size : begin + piece};
}

}  // namespace backhaul::core
