// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/piece_check.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace backhaul::curl {
namespace {

// Of "abcd", "efgh", and of nothing that comes here.
const std::string digests =
    "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589"
    "e5e088a0b66163a0a26a5e053d2a4496dc16ab6e0e3dd1adf2d16aa84a078c9d"
    "0000000000000000000000000000000000000000000000000000000000000000";

class Pieces : public testing::Test {
 protected:
  std::optional<core::Extent> comes(std::uint64_t place, std::string_view text) {
    return check.add(place, std::as_bytes(std::span(text)));
  }
  PieceCheck check{{.size = {core::DigestAlgorithm::sha256, 4}, .hex = digests}, 10};
};

TEST_F(Pieces, P5_AWrongOneIsKnownWithItsLastByte) {
  EXPECT_FALSE(comes(0, "ab"));
  EXPECT_FALSE(comes(2, "cdef"));
  EXPECT_FALSE(comes(6, "X"));
  EXPECT_EQ(comes(7, "h"), (core::Extent{4, 8}));
}

TEST_F(Pieces, TheLastOneMayBeShort) {
  EXPECT_FALSE(comes(8, "i"));
  EXPECT_EQ(comes(9, "j"), (core::Extent{8, 10}));
}

TEST_F(Pieces, OneThatDoesNotComeWholeIsNotJudged) {
  EXPECT_FALSE(comes(1, "XXX")) << "its begin came before";
  EXPECT_FALSE(comes(4, "XX"));
  EXPECT_FALSE(comes(0, "abcd")) << "somewhere else";
  EXPECT_FALSE(comes(6, "XX")) << "its begin came before that";
  EXPECT_FALSE(comes(4, "efgh"));
}

TEST_F(Pieces, SeveralMayComeAtOnceAndTheFirstWrongOneIsTold) {
  EXPECT_FALSE(comes(0, "abcdefgh"));
  EXPECT_EQ(comes(0, "abcXefgX"), (core::Extent{0, 4}));
}

}  // namespace
}  // namespace backhaul::curl
