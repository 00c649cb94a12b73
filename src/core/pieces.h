// SPDX-License-Identifier: Apache-2.0
// Digests of the pieces of a file, as Metalink has them (RFC 5854 §4.2.14): where a file is not what it
// should be they tell which bytes of it are wrong, and only those are fetched again. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/vocabulary.h"
#include "core/digest.h"
#include "core/extents.h"

namespace backhaul::core {

// They stand in the row of their file, which is written with every checkpoint.
inline constexpr std::size_t pieces_max = 10'000;

// How a file is cut for its digests.
struct PieceSize {
  DigestAlgorithm algorithm = DigestAlgorithm::sha256;
  std::uint64_t length = 0;  // of every piece but the last, which may be shorter

  bool operator==(const PieceSize&) const = default;
};

// Of a file of this size; that of an empty file is none.
std::uint64_t piece_count(const PieceSize& size, std::uint64_t file_size);

struct Pieces {
  PieceSize size;
  std::string hex;  // of all pieces, one behind the other, in lower case

  std::size_t count() const { return hex.size() / (2 * digest_bytes(size.algorithm)); }
  std::string_view digest(std::size_t piece) const;
};

// Each as "sha256:HEX", or "sha1:HEX", which may tell which piece is wrong but not what a file is. As
// pieces_text() writes it: "1048576:sha256:HEXHEX…"; empty: there are none. E_INVALIDARG: no length, no
// digest, several algorithms, too many, or not as many as a file of this size has.
// BG_E_INVALID_HASH_ALGORITHM: an unknown one.
base::Result<std::string> pieces_text(std::uint64_t length, const std::vector<std::string>& digests,
                                      std::uint64_t file_size);
// Of such a text; 0: it is none.
std::uint64_t piece_length(std::string_view text);
// Unset: not what that gives.
std::optional<Pieces> parse_pieces(std::string_view text);

// The bytes of the pieces that are not what they should be, `found` being what a file of this size has.
// Everything, where it has another number of pieces.
Extents bad_pieces(const Pieces& expected, const std::string& found, std::uint64_t file_size);

}  // namespace backhaul::core
