// SPDX-License-Identifier: Apache-2.0
// Conversations about files of which more is known than their servers tell, and answers in several parts.
#include <string>

#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;

const std::string in_several_parts = "Content-Type: multipart/byteranges; boundary=x";

RemoteRecord expecting(std::uint64_t expected, RemoteRecord record = {}) {
  record.expected_size = expected;
  return record;
}

// The first piece, of 1,000 bytes, is missing.
RemoteRecord without_first_piece(RemoteRecord record = held("", "")) {
  record.held = Extents::until(size);
  record.held.remove({0, 1000});
  record.has_pieces = true;
  return record;
}

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

// --- the size ------------------------------------------------------------------------------------

TEST(ExpectedSize, AnotherOneIsRefusedInFrontOfItsFirstByte) {
  Talk talk(expecting(size + 1));
  EXPECT_FALSE(talk.dropped({ok, all, dated, v1}));
  EXPECT_EQ(talk.code(), Code::BG_E_VALIDATION_FAILED);
  EXPECT_NE(talk.text().find("1000000 bytes where 1000001 bytes are expected"), std::string::npos) << talk.text();
  Talk right(expecting(size));
  EXPECT_USE(right.answer({ok, all, dated, v1}), append);
}

TEST(ExpectedSize, ALoginPageInTheWayIsNoVerdictOnWhatIsHeld) {
  Talk talk(expecting(size, held()));
  EXPECT_FALSE(talk.dropped({ok, "Content-Length: 700"}));
  EXPECT_EQ(talk.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE) << "it is tried again";
}

TEST(ExpectedSize, BoundsABodyThatTellsNone) {
  Talk talk(expecting(size));
  EXPECT_USE(talk.answer({ok, "Transfer-Encoding: chunked", dated, v1}), append);
  EXPECT_EQ(talk.body().length, size) << "no byte more is taken";
  EXPECT_FALSE(talk.end(size));
  EXPECT_TRUE(talk.done());
  Talk short_one(expecting(size));
  EXPECT_USE(short_one.answer({ok, "Transfer-Encoding: chunked", dated, v1}), append);
  EXPECT_FALSE(short_one.end(size - 1));
  EXPECT_EQ(short_one.code(), Code::WINHTTP_CONNECTION_ERROR);
}

// --- pieces --------------------------------------------------------------------------------------

TEST(RecordWithPieces, BytesOfTwoServersMeetWhereNothingCanBeCompared) {
  RemoteRecord record = without_first_piece();
  record.told_at = ToldAt::mirror;
  Talk talk(record);
  EXPECT_EQ(talk.asked(), "0-999");
  EXPECT_USE(talk.answer({partial, range(0, 999), redated, v2}), append);
  EXPECT_EQ(talk.body().place, 0U);
  EXPECT_FALSE(talk.end(1000));
  EXPECT_TRUE(talk.done());
}

TEST(RecordWithPieces, OfOneSizeAlone) {
  RemoteRecord record = without_first_piece();
  record.told_at = ToldAt::mirror;
  Talk talk(record);
  EXPECT_FALSE(talk.dropped({partial, range(0, 999, size + 1), redated, v2}));
  EXPECT_EQ(talk.code(), Code::BG_E_REMOTE_FILE_CHANGED);
}

TEST(RecordWithPieces, WithoutThemNothingMeets) {
  RemoteRecord record = without_first_piece();
  record.told_at = ToldAt::mirror;
  record.has_pieces = false;
  Talk talk(record);
  EXPECT_TRUE(talk.probe(Sample::worthless, {redated, v2}));
  EXPECT_FALSE(talk.dropped({partial, range(0, 999), redated, v2}));
  EXPECT_EQ(talk.code(), Code::BG_E_REMOTE_FILE_CHANGED);
}

}  // namespace
}  // namespace backhaul::core
