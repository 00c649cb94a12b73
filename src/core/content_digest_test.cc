// SPDX-License-Identifier: Apache-2.0
// What a server tells of the content of one answer (Content-Digest, RFC 9530), held against what came.
#include <string>
#include <vector>

#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;

const std::string in_base64 = "sha-256=:" + std::string(43, 'A') + "=:";
const std::string told = "Content-Digest: " + in_base64;
const std::string right(64, '0');  // the same in hex
const std::string wrong(64, '1');
const std::vector<std::string> rest{partial, range(half), dated, v1, told};

Extents only(Extent bytes) {
  Extents all;
  all.add(bytes);
  return all;
}

TEST(ContentDigest, OfAPartThatIsRightIsNoMatter) {
  Talk talk(held());
  EXPECT_USE(talk.answer(rest), append);
  ASSERT_TRUE(talk.tells_content());
  talk.content_is(right);
  EXPECT_FALSE(talk.end(size - half));
  EXPECT_TRUE(talk.done());
}

TEST(ContentDigest, OfOtherBytesDeniesThemIsTriedAgainAndTheThirdTimeInARowIsTheLast) {
  for (const std::uint32_t before : {0U, contradictions_max - 1}) {
    RemoteRecord record = held();
    record.contradictions = before;
    Talk talk(record);
    EXPECT_USE(talk.answer(rest), append);
    talk.content_is(wrong);
    EXPECT_FALSE(talk.end(size - half));
    EXPECT_EQ(talk.code(), before == 0 ? Code::WINHTTP_INVALID_SERVER_RESPONSE : Code::BG_E_VALIDATION_FAILED);
    EXPECT_EQ(talk.text(), "the Content-Digest of the answer is not that of its bytes: they have the sha256 " + wrong + " where " +
                               right + " was told (host)");
    EXPECT_EQ(static_cast<int>(talk.ending->doubt), static_cast<int>(Doubt::contradiction));
    EXPECT_EQ(talk.ending->denied, only({half, size}));
  }
}

// Bytes that are only compared are of the content, and are held whatever becomes of it.
TEST(ContentDigest, DeniesNothingThatWasHeldBefore) {
  Talk talk(held("", ""));
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes), told}), append);
  EXPECT_USE(talk.compared(Sample::equal), append);
  talk.content_is(wrong);
  EXPECT_FALSE(talk.end(size - half + sample_bytes));
  EXPECT_EQ(talk.ending->denied, only({half, size}));
}

TEST(ContentDigest, OfABodyThatBrokeOffSaysNothing) {
  Talk cut(held());
  EXPECT_USE(cut.answer(rest), append);
  cut.content_is(wrong);
  EXPECT_FALSE(cut.end(1000, true));
  EXPECT_EQ(cut.code(), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_TRUE(cut.ending->denied.empty());
  Talk early(held());  // its connection ended in good order
  EXPECT_USE(early.answer(rest), append);
  early.content_is(wrong);
  EXPECT_FALSE(early.end(1000));
  EXPECT_EQ(early.text(), "the answer ended before the end of the file (host)");
  EXPECT_TRUE(early.ending->denied.empty());
}

TEST(ContentDigest, IsNoneWhereItIsThatOfTheFileOrNothingThatCounts) {
  Talk whole;
  EXPECT_USE(whole.answer({ok, all, told}), append);
  EXPECT_FALSE(whole.tells_content()) << "looked at when the file is here";
  EXPECT_EQ(whole.identity().digest, "sha256:" + right);
  Talk both(held());
  EXPECT_USE(both.answer({partial, range(half), dated, v1, told, "Repr-Digest: " + in_base64}), append);
  EXPECT_FALSE(both.tells_content());
  RemoteRecord record = held();
  record.identity.digest = "sha256:" + right;
  Talk before(record);
  EXPECT_USE(before.answer(rest), append);
  EXPECT_FALSE(before.tells_content()) << "it was told with the first answer as that of the file";
  Talk weak(held());
  EXPECT_USE(weak.answer({partial, range(half), dated, v1, "Content-Digest: md5=:AAAA:"}), append);
  EXPECT_FALSE(weak.tells_content());
  Talk dropped(held());
  EXPECT_USE(dropped.answer({partial, range(half), redated, v2, told}), drop);
  EXPECT_FALSE(dropped.tells_content());
}

TEST(ContentDigest, OfWhatCameBesideDeniesNothingOfWhatIsHeld) {
  Talk talk(held());
  EXPECT_TRUE(talk.dropped({"HTTP/1.1 403 Forbidden"}));
  EXPECT_USE(talk.answer({partial, range(0), dated, v1, told}), beside);
  EXPECT_USE(talk.compared(Sample::equal), beside);
  talk.content_is(wrong);
  EXPECT_FALSE(talk.end(size));
  EXPECT_EQ(talk.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE);
  EXPECT_TRUE(talk.ending->denied.empty());
}

// Nor is what is held given up for bytes that were damaged on the way.
TEST(ContentDigest, OfWhatIsOnlyComparedSaysWhetherItProvesAnything) {
  RemoteRecord record = held("", "");
  record.wanted = Wanted::of_ranges({{0, half}, {half + 1, 100}}).value();
  Talk talk(record);
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes, half - 1), told}), append);
  ASSERT_TRUE(talk.tells_content());
  EXPECT_USE(talk.compared(Sample::differs), drop);
  talk.content_is(wrong);
  EXPECT_FALSE(talk.end(sample_bytes));
  EXPECT_EQ(talk.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE);
  EXPECT_TRUE(talk.ending->denied.empty());

  // One that is right brought nothing: what follows may be denied for the third time in a row.
  record.contradictions = contradictions_max - 1;
  Talk again(record);
  EXPECT_USE(again.answer({partial, range(half - sample_bytes, half - 1), told}), append);
  again.compared(Sample::equal);
  again.content_is(right);
  EXPECT_TRUE(again.end(sample_bytes));
  EXPECT_USE(again.answer({partial, range(half + 1, half + 100), told}), append);
  again.content_is(wrong);
  EXPECT_FALSE(again.end(100));
  EXPECT_EQ(again.code(), Code::BG_E_VALIDATION_FAILED);

  // A server that tells the digest of the whole with every part tells it here too.
  record.identity.digest = "sha256:" + right;
  Talk whole(record);
  EXPECT_USE(whole.answer({partial, range(half - sample_bytes, half - 1), told}), append);
  EXPECT_FALSE(whole.tells_content());
}

// Where a server shortens its ranges each of them is judged by itself, and one that is right ends the row.
TEST(ContentDigest, IsOfEachAnswerAlone) {
  RemoteRecord record = held();
  record.contradictions = contradictions_max - 1;
  Talk talk(record);
  EXPECT_USE(talk.answer({partial, range(half, 499'999), dated, v1, told}), append);
  EXPECT_TRUE(talk.is_unchecked());
  talk.content_is(right);
  EXPECT_TRUE(talk.end(100'000));
  EXPECT_USE(talk.answer({partial, range(500'000, 599'999), dated, v1, told}), append);
  EXPECT_FALSE(talk.is_unchecked()) << "what came before it was of use";
  talk.content_is(wrong);
  EXPECT_FALSE(talk.end(100'000));
  EXPECT_EQ(talk.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE);
  EXPECT_EQ(talk.ending->denied, only({500'000, 600'000}));
}

TEST(ContentDigest, OfABodyInPartsIsOfAllThatLiesBetweenThemToo) {
  RemoteRecord record = held();
  record.wanted = Wanted::of_ranges({{100, 100}, {300, 100}, {500, 100}, {700, 100}, {900, to_end_of_file}}).value();
  record.held = Extents::until(100);
  for (const bool same : {true, false}) {
    Talk talk(record);
    EXPECT_USE(talk.answer({partial, "Content-Type: multipart/byteranges; boundary=b", dated, v1, told}), append);
    ASSERT_TRUE(talk.tells_content());
    for (const std::uint64_t from : {300U, 500U, 700U}) ASSERT_TRUE(talk.part({from, from + 99, size}));
    talk.content_is(same ? right : wrong);
    EXPECT_EQ(talk.end(300), same);
    if (same) continue;
    EXPECT_EQ(talk.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE);
    EXPECT_EQ(talk.ending->denied, only({100, 400}));
  }
}

TEST(ContentDigest, AtAnotherAddressIsNoOtherVersion) {
  RemoteRecord record = held();
  record.told_at = ToldAt::mirror;
  Talk talk(record);
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes), told}), append);
  EXPECT_USE(talk.compared(Sample::equal), append);
  talk.content_is(wrong);
  EXPECT_FALSE(talk.end(size - half + sample_bytes));
  EXPECT_EQ(talk.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE);
}

// Their bytes count against a digest that is not theirs.
TEST(ContentDigest, OfThoseWhoHaveCopiesIsNotLookedAt) {
  Talk talk({.kind = SourceKind::cache_host, .address = "http://cache/f"}, held(), {});
  EXPECT_USE(talk.answer(rest), append);
  EXPECT_FALSE(talk.tells_content());
}

}  // namespace
}  // namespace backhaul::core
