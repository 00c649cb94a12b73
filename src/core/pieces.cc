// SPDX-License-Identifier: Apache-2.0
#include "core/pieces.h"

#include <algorithm>

namespace backhaul::core {

using base::Code;

std::uint64_t piece_count(const PieceSize& size, std::uint64_t file_size) {
  return file_size == 0 ? 0 : (file_size - 1) / size.length + 1;
}

std::string_view Pieces::digest(std::size_t piece) const {
  const std::size_t digits = 2 * digest_bytes(size.algorithm);
  return std::string_view(hex).substr(piece * digits, digits);
}

base::Result<std::string> pieces_text(std::uint64_t length, const std::vector<std::string>& digests,
                                      std::uint64_t file_size) {
  if (length == 0 && digests.empty()) return std::string();
  const auto wrong = [](std::string why) { return base::Error(Code::E_INVALIDARG, std::move(why)); };
  if (length == 0 || length > bytes_max || digests.empty())
    return wrong("digests of pieces need the length of a piece, and the other way round");
  if (digests.size() > pieces_max)
    return wrong("a file has at most " + std::to_string(pieces_max) + " pieces with digests, not " +
                 std::to_string(digests.size()));
  std::string text;
  std::optional<DigestAlgorithm> algorithm;
  for (const std::string& one : digests) {
    BH_TRY(const Digest digest, parse_piece_digest(one));
    if (!algorithm)
      text = std::to_string(length) + ':' + std::string(to_word(digest.algorithm)) + ':';
    else if (*algorithm != digest.algorithm)
      return wrong("the digests of the pieces of a file are of one algorithm");
    algorithm = digest.algorithm;
    text += digest.hex;
  }
  const std::uint64_t pieces =
      file_size == base::size_unknown ? digests.size() : piece_count({*algorithm, length}, file_size);
  if (pieces != digests.size())
    return wrong("a file of " + std::to_string(file_size) + " bytes has " + std::to_string(pieces) +
                 " pieces of " + std::to_string(length) + ", not " + std::to_string(digests.size()));
  return text;
}

std::uint64_t piece_length(std::string_view text) {
  return parse_place(text.substr(0, text.find(':'))).value_or(0);
}

std::optional<Pieces> parse_pieces(std::string_view text) {
  const std::size_t first = text.find(':');
  const std::size_t second = text.find(':', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  const auto length = parse_place(text.substr(0, first));
  const auto algorithm = piece_algorithm(text.substr(first + 1, second - first - 1));
  if (!length || *length == 0 || !algorithm) return std::nullopt;
  Pieces pieces{.size = {*algorithm, *length}, .hex = std::string(text.substr(second + 1))};
  const std::size_t digits = 2 * digest_bytes(*algorithm);
  if (pieces.hex.empty() || pieces.hex.size() % digits != 0 || pieces.count() > pieces_max)
    return std::nullopt;
  return pieces;
}

Extents bad_pieces(const Pieces& expected, const std::string& found, std::uint64_t file_size) {
  if (found.size() != expected.hex.size() || piece_count(expected.size, file_size) != expected.count())
    return Extents::until(file_size);
  const Pieces there{expected.size, found};
  Extents bad;
  for (std::size_t piece = 0; piece < expected.count(); ++piece) {
    if (there.digest(piece) == expected.digest(piece)) continue;
    const std::uint64_t begin = piece * expected.size.length;
    bad.add({begin, begin + std::min(expected.size.length, file_size - begin)});
  }
  return bad;
}

}  // namespace backhaul::core
