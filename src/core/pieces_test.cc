// SPDX-License-Identifier: Apache-2.0
#include "core/pieces.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using base::Code;

std::string piece_hex(char digit) { return std::string(64, digit); }

TEST(PieceDigests, ComeBackAsTheyWere) {
  const std::vector<std::string> given{"SHA-256:" + piece_hex('A'), "sha256:" + piece_hex('b')};
  const auto text = pieces_text(100, given, 150);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "100:sha256:" + piece_hex('a') + piece_hex('b'));
  EXPECT_EQ(piece_length(*text), 100U);
  const auto pieces = parse_pieces(*text);
  ASSERT_TRUE(pieces);
  EXPECT_EQ(pieces->count(), 2U);
  EXPECT_EQ(pieces->digest(1), piece_hex('b'));
  EXPECT_EQ(*pieces_text(0, {}, 5), "");
  EXPECT_EQ(*pieces_text(1, {"sha1:" + std::string(40, '0')}, base::size_unknown),
            "1:sha1:" + std::string(40, '0'));
}

TEST(PieceDigests, WhatCannotBeOneIsRefused) {
  const std::string one = "sha256:" + piece_hex('0');
  const std::string sha1 = "sha1:" + std::string(40, '0');
  EXPECT_EQ(pieces_text(0, {one}, 5).error().code, Code::E_INVALIDARG);
  EXPECT_EQ(pieces_text(5, {}, 5).error().code, Code::E_INVALIDARG);
  EXPECT_EQ(pieces_text(UINT64_MAX, {one}, 5).error().code, Code::E_INVALIDARG);
  EXPECT_EQ(pieces_text(5, {one, sha1}, 10).error().code, Code::E_INVALIDARG);
  EXPECT_EQ(pieces_text(5, {one}, 6).error().code, Code::E_INVALIDARG) << "two pieces";
  EXPECT_EQ(pieces_text(5, {one}, 0).error().code, Code::E_INVALIDARG) << "an empty file has none";
  EXPECT_EQ(pieces_text(5, {"md5:" + std::string(32, '0')}, 5).error().code, Code::BG_E_INVALID_HASH_ALGORITHM);
  EXPECT_EQ(pieces_text(1, std::vector<std::string>(pieces_max + 1, one), base::size_unknown).error().code,
            Code::E_INVALIDARG);
}

TEST(PieceDigests, AWrongTextIsNone) {
  for (const std::string& text : {std::string(), std::string("1:sha256:"), "0:sha256:" + piece_hex('0'),
                                  "1:sha256:" + std::string(63, '0'), "01:sha256:" + piece_hex('0'),
                                  "1:md5:" + std::string(32, '0'), std::string("1"), std::string("1:sha256")})
    EXPECT_FALSE(parse_pieces(text)) << text;
}

TEST(PieceDigests, TheBytesOfThoseThatDifferAreBad) {
  const Pieces expected{{DigestAlgorithm::sha256, 100}, piece_hex('1') + piece_hex('2') + piece_hex('3')};
  EXPECT_TRUE(bad_pieces(expected, expected.hex, 250).empty());
  const Extents bad = bad_pieces(expected, piece_hex('0') + piece_hex('2') + piece_hex('0'), 250);
  EXPECT_EQ(bad.list(), (std::vector<Extent>{{0, 100}, {200, 250}}));
  EXPECT_EQ(bad_pieces(expected, expected.hex, 301).total(), 301U) << "a file with four pieces";
  EXPECT_EQ(bad_pieces(expected, "", 250).total(), 250U) << "too many to be computed";
}

TEST(PieceDigests, Sha1SaysNothingOfAFile) {
  EXPECT_EQ(parse_digest("sha1:" + std::string(40, '0')).error().code, Code::BG_E_INVALID_HASH_ALGORITHM);
  EXPECT_TRUE(parse_piece_digest("sha-1:" + std::string(40, '0')));
}

}  // namespace
}  // namespace backhaul::core
