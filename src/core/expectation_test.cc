// SPDX-License-Identifier: Apache-2.0
// Answers in several parts, which nobody asked for.
#include <string>

#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;

const std::string in_several_parts = "Content-Type: multipart/byteranges; boundary=x";

// --- multipart/byteranges ------------------------------------------------------------------------

TEST(SeveralParts, ThatNobodyAskedForAreNoFile) {
  for (const bool with_range : {false, true}) {
    Talk talk;
    std::vector<std::string> lines{partial, in_several_parts, dated, v1, all};
    if (with_range) lines.push_back(range(0));
    EXPECT_FALSE(talk.dropped(lines));
    EXPECT_EQ(talk.code(), Code::BG_E_INVALID_SERVER_RESPONSE);
  }
}

TEST(SeveralParts, InsteadOfTheRestLeadToTheWholeFileBesideIt) {
  Talk talk(held());
  EXPECT_TRUE(talk.dropped({partial, "Content-Type: Multipart/ByteRanges;boundary=\"a b\"", range(half), dated, v1}))
      << "whatever its Content-Range says";
  EXPECT_EQ(talk.asked(), "whole");
  EXPECT_USE(talk.answer({ok, all, dated, v1}), beside);
}

TEST(SeveralParts, WhereRangesAreWantedAreAServerWithoutThem) {
  RemoteRecord record;
  record.wanted = Wanted::of_ranges({{100, 100}, {500, 100}}).value();
  Talk talk(record);
  EXPECT_EQ(talk.asked(), "100-199");
  EXPECT_FALSE(talk.dropped({partial, in_several_parts, range(100, 199), dated, v1}));
  EXPECT_EQ(talk.code(), Code::BG_E_INSUFFICIENT_RANGE_SUPPORT);
}

TEST(SeveralParts, AFileOfThatTypeIsAFile) {
  Talk talk;
  EXPECT_USE(talk.answer({ok, in_several_parts, all, dated, v1}), append);
}

}  // namespace
}  // namespace backhaul::core
