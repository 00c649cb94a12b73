// SPDX-License-Identifier: Apache-2.0
// What is in a simulated file. The byte at offset o of version v is a pure function of (v, o), so
// instead of bytes we keep where they came from: pieces of (version, offset there). In between there may
// be holes.
#pragma once

#include <cstdint>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/extents.h"
#include "core/pieces.h"
#include "core/wanted.h"

namespace backhaul::sim {

inline constexpr std::uint32_t garbage = UINT32_MAX;  // a "version" that no origin ever had

class Content {
 public:
  // In the place of what was there.
  void write(std::uint64_t place, std::uint32_t version, std::uint64_t from, std::uint64_t length);
  void truncate(std::uint64_t size);
  void keep(const core::Extents& kept);  // elsewhere it has holes afterwards
  std::uint64_t size() const { return pieces_.empty() ? 0 : pieces_.back().end(); }
  core::Extents written() const;

  // The version that every byte comes from. Unset for a mix and for nothing.
  std::optional<std::uint32_t> version() const;
  // Of what is stored: the version, whose size it is, that every byte comes from, each at the place
  // where it belongs.
  bool is_of(std::uint32_t version, std::uint64_t size, const core::Extents& stored,
             const core::Wanted& wanted) const;
  // These places hold the bytes of this version that begin there.
  bool holds(core::Extent places, std::uint32_t version, std::uint64_t from) const;
  // The digest of the end of what is stored, as core/part.h has it: never 0.
  std::uint64_t tail(const core::Extents& stored) const;
  // As many hex digits as a digest of this many bytes has: that of all of it, one piece being like another
  // of the same bytes.
  std::string digest(std::size_t bytes) const;
  // Of its pieces, one behind the other (core/pieces.h).
  std::string pieces(const core::PieceSize& size) const;

 private:
  struct Piece {
    std::uint64_t at = 0;
    std::uint64_t length = 0;
    std::uint32_t version = 0;
    std::uint64_t from = 0;
    std::uint64_t end() const { return at + length; }
  };
  void erase(core::Extent gone);
  Piece cut(const Piece& piece, core::Extent to) const;

  std::vector<Piece> pieces_;  // in order, never empty ones
};

}  // namespace backhaul::sim
