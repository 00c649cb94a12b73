// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/content.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

#include "core/part.h"

namespace backhaul::sim {

void Content::write(std::uint64_t place, std::uint32_t version, std::uint64_t from,
                    std::uint64_t length) {
  if (length == 0) return;
  erase({place, place + length});
  auto at = std::ranges::find_if(pieces_, [&](const Piece& piece) { return piece.at > place; });
  if (at != pieces_.begin()) {
    Piece& last = *std::prev(at);
    if (last.version == version && last.end() == place && last.from + last.length == from) {
      last.length += length;
      return;
    }
  }
  pieces_.insert(at, {place, length, version, from});
}

void Content::erase(core::Extent gone) {
  if (gone.begin >= size()) return;
  core::Extents kept = core::Extents::until(size());
  kept.remove(gone);
  keep(kept);
}

void Content::truncate(std::uint64_t size) { erase({size, UINT64_MAX}); }

Content::Piece Content::cut(const Piece& piece, core::Extent to) const {
  const std::uint64_t at = std::max(piece.at, to.begin);
  const std::uint64_t end = std::min(piece.end(), to.end);
  return {at, end > at ? end - at : 0, piece.version, piece.from + (at - piece.at)};
}

void Content::keep(const core::Extents& kept) {
  std::vector<Piece> left;
  for (const core::Extent& extent : kept.list())
    for (const Piece& piece : pieces_)
      if (const Piece part = cut(piece, extent); part.length > 0) left.push_back(part);
  pieces_ = std::move(left);
}

core::Extents Content::written() const {
  core::Extents written;
  for (const Piece& piece : pieces_) written.add({piece.at, piece.end()});
  return written;
}

std::optional<std::uint32_t> Content::version() const {
  if (pieces_.empty() || pieces_[0].version == garbage) return std::nullopt;
  for (const Piece& piece : pieces_)
    if (piece.version != pieces_[0].version) return std::nullopt;
  return pieces_[0].version;
}

bool Content::holds(core::Extent places, std::uint32_t version, std::uint64_t from) const {
  std::uint64_t reached = places.begin;
  for (const Piece& piece : pieces_) {
    const Piece part = cut(piece, places);
    if (part.length == 0) continue;
    if (part.at != reached || part.version != version || part.from != from + (part.at - places.begin))
      return false;
    reached = part.end();
  }
  return reached == places.end;
}

bool Content::is_of(std::uint32_t version, std::uint64_t size, const core::Extents& stored,
                    const core::Wanted& wanted) const {
  static constexpr core::WantedRange everything;
  std::uint64_t begin = 0;
  core::Extents left = stored;
  for (const core::WantedRange& range :
       wanted.whole() ? std::span(&everything, 1) : wanted.ranges()) {
    const std::uint64_t end = begin + std::min(range.length, size - std::min(size, range.offset));
    core::Extents here;
    here.add({begin, end});
    for (const core::Extent& extent : stored.common(here).list())
      if (!holds(extent, version, range.offset + (extent.begin - begin))) return false;
    left = left.without(here);
    begin = end;
  }
  return left.empty();
}

std::string Content::digest(std::size_t bytes) const {
  core::TailDigest sum;
  std::vector<Piece> runs;
  for (const Piece& piece : pieces_) {
    const bool goes_on = !runs.empty() && runs.back().end() == piece.at &&
                         runs.back().version == piece.version &&
                         runs.back().from + runs.back().length == piece.from;
    if (goes_on)
      runs.back().length += piece.length;
    else
      runs.push_back(piece);
  }
  for (const Piece& run : runs) {
    const std::array<std::uint64_t, 4> described{run.at, run.version, run.from, run.length};
    sum.add(std::as_bytes(std::span(described)));
  }
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx",
                static_cast<unsigned long long>(sum.value()));
  std::string hex;
  while (hex.size() < 2 * bytes) hex += digits.data();
  return hex;
}

std::string Content::pieces(const core::PieceSize& size) const {
  std::string hex;
  for (std::uint64_t at = 0; at < this->size(); at += size.length) {
    Content piece;
    for (const Piece& one : pieces_)
      if (const Piece part = cut(one, {at, at + size.length}); part.length > 0)
        piece.write(part.at - at, part.version, part.from, part.length);
    hex += piece.digest(core::digest_bytes(size.algorithm));
  }
  return hex;
}

std::uint64_t Content::tail(const core::Extents& stored) const {
  core::TailDigest digest;
  for (const Piece& piece : pieces_) {
    const Piece part = cut(piece, core::tail_extent(stored));
    if (part.length == 0) continue;
    const std::array<std::uint64_t, 3> described{part.version, part.from, part.length};
    digest.add(std::as_bytes(std::span(described)));
  }
  return digest.value();
}

}  // namespace backhaul::sim
