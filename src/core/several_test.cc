// SPDX-License-Identifier: Apache-2.0
// Several ranges in one request (http-and-network.md §2).
#include <string>
#include <vector>

#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;

const std::string in_parts = "Content-Type: multipart/byteranges; boundary=b";

// 100-199 is held; 300-399, 500-599, 700-799 and 900 to the end are missing.
RemoteRecord scattered(std::string modified = monday, std::string etag = "\"v1\"") {
  RemoteRecord record = held(std::move(modified), std::move(etag));
  record.wanted = Wanted::of_ranges({{100, 100}, {300, 100}, {500, 100}, {700, 100}, {900, to_end_of_file}}).value();
  record.held = Extents::until(100);
  return record;
}
ContentRange part(std::uint64_t first, std::uint64_t last, std::uint64_t total = size) { return {first, last, total}; }

TEST(Several, AreAskedForAtOnceAndComeInParts) {
  Talk talk(scattered());
  EXPECT_EQ(talk.asked(), "300-399,500-599,700-799 if \"v1\"");
  EXPECT_USE(talk.answer({partial, in_parts, dated, v1}), append);
  EXPECT_EQ(talk.body().boundary, "b");
  EXPECT_EQ(talk.part(part(300, 399))->place, 100U);
  EXPECT_EQ(talk.part(part(500, 599))->place, 200U);
  EXPECT_EQ(talk.part(part(700, 799))->place, 300U);
  EXPECT_TRUE(talk.end(300));
  EXPECT_EQ(talk.asked(), "900- if \"v1\"") << "with an open end there is nothing behind it";
  EXPECT_EQ(talk.identity().size, size);
}

TEST(Several, AreForConditionsSmallPiecesAndMoreThanTwo) {
  Talk untold(scattered("", ""));
  EXPECT_TRUE(untold.probe(Sample::equal));
  EXPECT_EQ(untold.asked(), "300-399") << "no part tells which version it is of";
  RemoteRecord two = scattered();
  two.held = Extents::until(300);
  EXPECT_EQ(Talk(two).asked(), "700-799 if \"v1\"");
  RemoteRecord large = scattered();
  large.wanted = Wanted::of_ranges({{100, 100}, {300, 300'000}, {400'000, 10}, {500'000, 10}, {600'000, 10}}).value();
  EXPECT_EQ(Talk(large).asked(), "300-300299 if \"v1\"");
  RemoteRecord back = scattered();
  back.wanted = Wanted::of_ranges({{100, 100}, {700, 10}, {500, 10}, {300, 10}}).value();
  EXPECT_EQ(Talk(back).asked(), "700-709 if \"v1\"") << "servers refuse those that go back and forth";
  RemoteRecord unknown = scattered();
  unknown.identity.resumable = Resumable::unknown;
  EXPECT_EQ(Talk(unknown).asked(), "300-399 if \"v1\"") << "it may give none at all";
  RemoteRecord coded = scattered();
  coded.identity.encoding = "gzip";
  EXPECT_EQ(Talk(coded).asked(), "300-399 if \"v1\"");
}

TEST(Several, WhatIsAskedForAtRandomIsAskedForAtOnceAsWell) {
  RemoteRecord record = held();
  record.demand.asked = {{500'000, 500'100}, {600'000, 600'100}, {700'000, 700'100}};
  Talk talk(record);
  EXPECT_EQ(talk.asked(), "500000-500099,600000-600099,700000-700099 if \"v1\"");
  EXPECT_USE(talk.answer({partial, in_parts, dated, v1}), append);
  for (const Extent& asked : record.demand.asked)
    EXPECT_EQ(talk.part(part(asked.begin, asked.end - 1))->place, asked.begin);
  EXPECT_FALSE(talk.end(300));
  EXPECT_TRUE(talk.ending->asked_only);
}

TEST(Several, AServerThatGivesTheFirstAloneIsUsedAndAskedForOneAtATime) {
  OriginMemory memory;
  Talk talk(scattered(), memory);
  EXPECT_USE(talk.answer({partial, range(300, 399), dated, v1}), append);
  EXPECT_TRUE(talk.end(100));
  EXPECT_EQ(talk.asked(), "500-599 if \"v1\"");
  EXPECT_EQ(Talk(scattered(), memory).asked(), "300-399 if \"v1\"") << "of that origin always";
}

TEST(Several, AnyOtherAnswerIsAskedAgainForTheFirstAlone) {
  for (const auto& answer : std::vector<std::vector<std::string>>{
           {ok, all, dated, v1},
           {partial, range(300, 799), dated, v1},
           {partial, range(500, 599), dated, v1},
           {partial, in_parts, dated, v2},
           {partial, in_parts},
           {partial, "Content-Type: multipart/byteranges", dated, v1},
           {partial, in_parts, "Content-Encoding: gzip", dated, v1},
           {outside, "Content-Range: bytes */1000000"},
           {"HTTP/1.1 400 Bad Request"},
           {"HTTP/1.1 412 Precondition Failed"}}) {
    Talk talk(scattered());
    EXPECT_TRUE(talk.dropped(answer)) << answer.back();
    EXPECT_EQ(talk.asked(), "300-399 if \"v1\"") << answer.back();
    EXPECT_USE(talk.answer({partial, range(300, 399), dated, v1}), append);
    EXPECT_TRUE(talk.end(100));
    EXPECT_EQ(talk.asked(), "500-599 if \"v1\"");
  }
  Talk gone(scattered());
  EXPECT_FALSE(gone.dropped({"HTTP/1.1 404 Not Found"}));
}

TEST(Several, PartsThatWereNotAskedForEndTheBodyAndWhatCameBeforeThemIsHeld) {
  for (const auto& wrong : {part(700, 799), part(500, 598), part(500, 599, size + 1), part(501, 599),
                            ContentRange{500, 599, std::nullopt}}) {
    Talk talk(scattered());
    EXPECT_USE(talk.answer({partial, in_parts, dated, v1}), append);
    ASSERT_TRUE(talk.part(part(300, 399)));
    EXPECT_FALSE(talk.part(wrong));
    EXPECT_FALSE(talk.part(part(500, 599))) << "nothing counts behind it";
    EXPECT_TRUE(talk.end(100, true)) << "the connection was given up for it";
    EXPECT_EQ(talk.asked(), "500-599 if \"v1\"");
  }
}

TEST(Several, MorePartsThanWereAskedForAreNotTaken) {
  Talk talk(scattered());
  EXPECT_USE(talk.answer({partial, in_parts, dated, v1}), append);
  for (const std::uint64_t from : {300U, 500U, 700U}) ASSERT_TRUE(talk.part(part(from, from + 99)));
  EXPECT_FALSE(talk.part(part(900, 999)));
  EXPECT_TRUE(talk.end(300, true));
  EXPECT_EQ(talk.asked(), "900- if \"v1\"");
}

TEST(Several, ABodyThatIsNoneOrEndsEarlyIsAskedForOneByOne) {
  Talk none(scattered());
  EXPECT_USE(none.answer({partial, in_parts, dated, v1}), append);
  none.parts_broken();
  EXPECT_TRUE(none.end(0, true));
  EXPECT_EQ(none.asked(), "300-399 if \"v1\"");

  Talk early(scattered());
  EXPECT_USE(early.answer({partial, in_parts, dated, v1}), append);
  ASSERT_TRUE(early.part(part(300, 399)));
  ASSERT_TRUE(early.part(part(500, 599)));
  EXPECT_TRUE(early.end(130));
  EXPECT_EQ(early.asked(), "530-599 if \"v1\"");
}

// A server may fall over such a request: the next attempt makes another one.
TEST(Several, AConnectionThatBreaksInItIsAnErrorAndTheNextAttemptAsksOneByOne) {
  OriginMemory memory;
  Talk talk(scattered(), memory);
  EXPECT_USE(talk.answer({partial, in_parts, dated, v1}), append);
  EXPECT_FALSE(talk.end(0, true));
  EXPECT_EQ(talk.code(), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(Talk(scattered(), memory).asked(), "300-399 if \"v1\"");
}

}  // namespace
}  // namespace backhaul::core
