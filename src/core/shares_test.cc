// SPDX-License-Identifier: Apache-2.0
#include "core/shares.h"

#include <gtest/gtest.h>

#include <string>

namespace backhaul::core {
namespace {

File file_in_pieces(const std::string& algorithm, std::size_t digits, std::uint64_t size) {
  File file;
  file.remote_identity.size = size;
  Expected expected;
  expected.pieces = "10:" + algorithm + ":" + std::string(3 * digits, 'a');
  file.rare.set(&RareOfFile::expected, Rare<Expected>(std::move(expected)));
  return file;
}

TEST(Shares, P5_OnlyStrongDigestsOfAllPiecesSayWhoLied) {
  EXPECT_TRUE(judging_pieces(file_in_pieces("sha256", 64, 30)));
  EXPECT_TRUE(judging_pieces(file_in_pieces("sha256", 64, 21)));
  EXPECT_FALSE(judging_pieces(file_in_pieces("sha256", 64, 31))) << "it has another number of pieces";
  EXPECT_FALSE(judging_pieces(file_in_pieces("sha256", 64, base::size_unknown)));
  EXPECT_FALSE(judging_pieces(file_in_pieces("sha1", 40, 30)));
  EXPECT_FALSE(judging_pieces(File()));
}

TEST(Shares, AreWholePiecesAndCoverAllOfTheFileOnce) {
  for (const std::uint64_t size : {1U, 9U, 10U, 11U, 1000U, 1234U})
    for (const std::size_t senders : {1U, 2U, 3U}) {
      Extents taken;
      std::uint64_t asked = 0;
      while (const auto share = next_share(taken, size, 10, senders)) {
        EXPECT_EQ(share->begin % 10, 0U);
        EXPECT_TRUE(share->end % 10 == 0 || share->end == size);
        asked += share->length();
        taken.add(*share);
        ASSERT_LE(asked, size);
      }
      EXPECT_EQ(asked, size);
      EXPECT_EQ(taken, Extents::until(size));
    }
}

TEST(Shares, BecomeSmallerAndFillGapsAsTheyAre) {
  EXPECT_EQ(next_share({}, 600, 10, 3), (Extent{0, 100}));
  Extents taken = Extents::until(300);
  EXPECT_EQ(next_share(taken, 600, 10, 3), (Extent{300, 350}));
  taken = Extents::until(304);
  taken.add({317, 600});
  EXPECT_EQ(next_share(taken, 600, 10, 3), (Extent{304, 310})) << "the begin of that piece is here";
  taken.add({304, 310});
  EXPECT_EQ(next_share(taken, 600, 10, 3), (Extent{310, 317}));
}

TEST(Shares, APieceIsKnownByEachOfItsPlaces) {
  EXPECT_EQ(piece_around(0, 10, 25), (Extent{0, 10}));
  EXPECT_EQ(piece_around(19, 10, 25), (Extent{10, 20}));
  EXPECT_EQ(piece_around(20, 10, 25), (Extent{20, 25}));
}

}  // namespace
}  // namespace backhaul::core
