// SPDX-License-Identifier: Apache-2.0
// Each case is a server, told by the heads of its answers in turn, and what becomes of the file.
#include <string>
#include <vector>

#include "base/random.h"
#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;

// --- nothing is held -----------------------------------------------------------------------------

TEST(FirstRequest, AWholeFileIsTaken) {
  for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
           {ok, all}, {ok}, {ok, "Transfer-Encoding: chunked"}, {ok, "Content-Length: 0"},
           {"HTTP/1.0 200 OK", all}, {ok, all, "Content-Encoding: gzip"},
           {partial, range(0), all}, {ok, all, range(0)}}) {
    Talk talk;
    EXPECT_EQ(talk.asked(), "whole");
    EXPECT_USE(talk.answer(lines), append);
    EXPECT_EQ(talk.body().begins + talk.body().sample, 0U);
  }
}

TEST(FirstRequest, APartIsNotTheFile) {
  for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
           {partial, range(0, 9)}, {partial, range(40)}, {partial, all},
           {partial, "Content-Range: bytes 0-99/*"}, {ok, all, range(40)},
           {ok, "Content-Length: 5", "Content-Length: 6"}}) {
    Talk talk;
    EXPECT_FALSE(talk.dropped(lines));
    EXPECT_NE(talk.code(), Code::S_OK);
  }
}

TEST(FirstRequest, AnythingElseIsItsStatus) {
  for (unsigned status = 201; status < 600; ++status) {
    if (status == 206) continue;
    Talk talk;
    EXPECT_FALSE(talk.dropped({"HTTP/1.1 " + std::to_string(status) + " x"}));
    EXPECT_EQ(talk.code(), base::http_code(status));
    EXPECT_EQ(talk.text(), "HTTP " + std::to_string(status) + " from host");
  }
}

TEST(FirstRequest, RedirectsAreFollowedTenTimes) {
  Talk talk;
  for (int i = 0; i < redirects_max; ++i) {
    ASSERT_TRUE(talk.dropped({"HTTP/1.1 302 x", "Location: http://other/" + std::to_string(i)}));
    EXPECT_EQ(talk.ask().url, "http://other/" + std::to_string(i));
  }
  EXPECT_FALSE(talk.dropped({"HTTP/1.1 302 x", "Location: http://other/x"}));
  EXPECT_EQ(talk.code(), Code::WINHTTP_REDIRECT_FAILED);
}

TEST(FirstRequest, OnlyAnswersThatNameOnePlaceAreRedirects) {
  for (const unsigned status : {301U, 302U, 303U, 307U, 308U})
    EXPECT_TRUE(Talk().dropped({"HTTP/1.1 " + std::to_string(status) + " x", "Location: http://b/"}));
  for (const unsigned status : {300U, 304U, 305U, 306U, 400U})
    EXPECT_FALSE(Talk().dropped({"HTTP/1.1 " + std::to_string(status) + " x", "Location: http://b/"}));
  EXPECT_FALSE(Talk().dropped({"HTTP/1.1 302 x"}));
}

// --- the ladder ----------------------------------------------------------------------------------

TEST(Ladder, TheTagIsTheCondition) {
  Talk talk(held());
  EXPECT_EQ(talk.asked(), "400000- if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(half), dated, v1}), append);
  EXPECT_EQ(talk.body().begins, half);
  EXPECT_EQ(talk.body().sample, 0U);
  EXPECT_FALSE(talk.end(size - half));
  EXPECT_TRUE(talk.done());
}

TEST(Ladder, ElseTheDateElseNone) {
  EXPECT_EQ(Talk(held(monday, "W/\"v1\"")).asked(), std::string("400000- if ") + monday);
  EXPECT_EQ(Talk(held("yesterday", "")).asked(), "400000-");
}

TEST(Ladder, WhereNothingWasEverToldTheLastBytesAreFetchedAgain) {
  Talk talk(held("", ""));
  EXPECT_EQ(talk.asked(), std::to_string(half - sample_bytes) + "-");
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes)}), append);
  EXPECT_EQ(talk.body().sample, sample_bytes);
  EXPECT_USE(talk.compared(Sample::equal), append);
  EXPECT_FALSE(talk.end(size - half + sample_bytes));
  EXPECT_TRUE(talk.done());
}

TEST(Ladder, TheSameFileWholeIsAnsweredByAPlainRange) {
  Talk talk(held());
  EXPECT_TRUE(talk.dropped({ok, all, dated, v1}));
  EXPECT_EQ(talk.asked(), "400000-");
  EXPECT_USE(talk.answer({partial, range(half), dated, v1}), append);
}

TEST(Ladder, WhatAnOriginDoesNotHeedIsNotTriedAgain) {
  OriginMemory memory;
  for (int broken = 0; broken < 5; ++broken) {
    Talk talk(held(), memory);
    if (broken == 0) {
      EXPECT_TRUE(talk.dropped({ok, all, dated, v1}));
      EXPECT_EQ(talk.asked(), "400000-");
    } else {
      EXPECT_EQ(talk.asked(), std::string("400000- if ") + monday) << "only the tag is ignored";
    }
    EXPECT_USE(talk.answer({partial, range(half), dated, v1}), append);
  }
  OriginMemory other;
  EXPECT_EQ(Talk(held(), other).asked(), "400000- if \"v1\"");
}

TEST(Ladder, ATagOfAnotherNodeIsDecidedByTheBytes) {
  OriginMemory memory;
  {
    Talk talk(held(), memory);
    EXPECT_TRUE(talk.dropped({ok, all, dated, v2}));
    EXPECT_EQ(talk.asked(), std::to_string(half - sample_bytes) + "-");
    EXPECT_USE(talk.answer({partial, range(half - sample_bytes), dated, v2}), append);
    EXPECT_USE(talk.compared(Sample::equal), append);
  }
  EXPECT_EQ(Talk(held(), memory).asked(), std::to_string(half - sample_bytes) + "-")
      << "the next break costs no lost round";
}

TEST(Ladder, OtherBytesOrWorthlessOnesBeginAnew) {
  for (const Sample sample : {Sample::differs, Sample::worthless}) {
    Talk talk(held());
    EXPECT_TRUE(talk.dropped({ok, all, redated, v1}));
    EXPECT_USE(talk.answer({partial, range(half - sample_bytes), redated, v1}), append);
    EXPECT_USE(talk.compared(sample), drop);
    EXPECT_TRUE(talk.end());
    EXPECT_EQ(talk.asked(), "whole");
    EXPECT_USE(talk.answer({ok, all, redated, v1}), anew);
  }
}

TEST(Ladder, ARangeThatBeginsEarlierIsUsedFromWhereItOverlaps) {
  Talk talk(held());
  EXPECT_USE(talk.answer({partial, range(0), dated, v1}), append);
  EXPECT_EQ(talk.body().begins, 0U);
  EXPECT_EQ(talk.body().sample, half);
  EXPECT_USE(talk.compared(Sample::worthless), append) << "the validators agree";
  EXPECT_FALSE(talk.end(size));
  EXPECT_TRUE(talk.done());
}

TEST(Ladder, OtherBytesUnderTheSameValidatorsContradict) {
  Talk talk(held());
  EXPECT_USE(talk.answer({partial, range(0), dated, v1}), append);
  EXPECT_USE(talk.compared(Sample::differs), drop);
  EXPECT_FALSE(talk.end());
  EXPECT_EQ(talk.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE);
}

TEST(Ladder, A206ToAConditionMayLeaveTheValidatorsOutIfTheBytesBearItOut) {
  Talk talk(held());
  EXPECT_TRUE(talk.dropped({partial, range(half)}));
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes)}), append);
  EXPECT_USE(talk.compared(Sample::equal), append);

  Talk liar(held());
  EXPECT_TRUE(liar.dropped({partial, range(half)}));
  EXPECT_USE(liar.answer({partial, range(half - sample_bytes)}), append);
  EXPECT_USE(liar.compared(Sample::differs), drop);
  EXPECT_FALSE(liar.end());
  EXPECT_EQ(static_cast<int>(liar.ending->doubt), static_cast<int>(Doubt::unproven));
}

TEST(Ladder, A206ThatIsSilentAboutTheCodingOfWhatIsHeldIsBorneOutByTheBytes) {
  RemoteRecord coded = held();
  coded.identity.encoding = "gzip";
  coded.identity.size = base::size_unknown;
  Talk talk(coded);
  EXPECT_TRUE(talk.dropped({partial, range(half), dated, v1}));
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes), dated, v1}), append);
  EXPECT_USE(talk.compared(Sample::equal), append);

  Talk identity(coded);  // the rest of the file as it is, behind the coded begin
  EXPECT_TRUE(identity.dropped({partial, range(half), dated, v1}));
  EXPECT_USE(identity.answer({partial, range(half - sample_bytes), dated, v1}), append);
  EXPECT_USE(identity.compared(Sample::differs), drop);
  EXPECT_FALSE(identity.end());
  EXPECT_EQ(static_cast<int>(identity.ending->doubt), static_cast<int>(Doubt::contradiction));

  Talk told(coded);
  EXPECT_USE(told.answer({partial, range(half), dated, v1, "Content-Encoding: gzip"}), append);
}

TEST(Ladder, AConnectionThatEndsInTheHeadIsTriedAgain) {
  Talk talk(held());
  EXPECT_FALSE(talk.end());
  EXPECT_EQ(talk.code(), Code::WINHTTP_CONNECTION_ERROR);
}

TEST(Ladder, AFileThatIsWrittenToMeanwhileIsTriedAgainAndNotForEver) {
  for (const std::uint32_t before : {0U, 1U, 2U}) {
    RemoteRecord record;
    record.contradictions = before;
    Talk talk(record);
    EXPECT_USE(talk.answer({ok, all, dated, v1}), append);
    talk.written_to();
    EXPECT_FALSE(talk.end(1000));
    EXPECT_EQ(talk.code(), before < 2 ? Code::WINHTTP_CONNECTION_ERROR : Code::BG_E_REMOTE_FILE_CHANGED);
    EXPECT_EQ(static_cast<int>(talk.ending->doubt), static_cast<int>(Doubt::contradiction));
  }
}

TEST(Ladder, AFirstAnswerContradictsNothingThatWasToldBefore) {
  Talk first{RemoteRecord()};
  EXPECT_FALSE(first.dropped({ok, all, "Content-Range: bytes 5-9/1000000"}));
  EXPECT_EQ(first.text(), "the answer contradicts itself: it is 200, but has the Content-Range of a part (host)");
  Talk later(held());
  EXPECT_FALSE(later.dropped({ok, all, "Content-Range: bytes 5-9/1000000"}));
  EXPECT_EQ(later.text(), "the answer contradicts itself: it is 200, but has the Content-Range of a part; "
                          "it tells 1000000 bytes, as before (host)");
}

TEST(Ladder, AShortRangeIsContinued) {
  Talk talk(held());
  EXPECT_USE(talk.answer({partial, range(half, half + 9), dated, v1}), append);
  EXPECT_TRUE(talk.end(10));
  EXPECT_EQ(talk.asked(), "400010- if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(half + 10), dated, v1}), append);
  EXPECT_FALSE(talk.end(size - half - 10));
  EXPECT_TRUE(talk.done());
}

// --- another version -----------------------------------------------------------------------------

// Some servers give no more than so many bytes at once, say 64 KiB: of what is fetched to be compared
// then nothing is new.
TEST(Ladder, ARangeThatEndsWithWhatIsHeldIsNotAskedForAgainAndAgain) {
  const std::string silent;
  Talk talk(held(silent, silent));
  ASSERT_EQ(talk.asked(), std::to_string(half - sample_bytes) + "-");
  for (const std::uint64_t sample : {sample_bytes, sample_bytes / 8, sample_bytes / 64, least_sample_bytes}) {
    ASSERT_EQ(talk.asked(), std::to_string(half - sample) + "-") << "less is compared, as long as it helps";
    EXPECT_TRUE(talk.dropped({partial, range(half - sample, half - 1)}));
  }
  EXPECT_EQ(talk.asked(), "whole");
  EXPECT_USE(talk.answer({ok, all}), beside);

  Talk new_bytes(held(silent, silent));
  EXPECT_USE(new_bytes.answer({partial, range(half - sample_bytes, half)}), append);
  EXPECT_USE(new_bytes.compared(Sample::equal), append);
  EXPECT_TRUE(new_bytes.end(sample_bytes + 1)) << "the rest is asked for";

  RemoteRecord whole = held(silent, silent);
  whole.held = Extents::until(size);
  Talk all_is_here(whole);
  EXPECT_USE(all_is_here.answer({partial, range(size - sample_bytes)}), append);
  EXPECT_USE(all_is_here.compared(Sample::equal), append);
  EXPECT_FALSE(all_is_here.end(sample_bytes));
  EXPECT_TRUE(all_is_here.done());
}

TEST(AnotherVersion, A200IsUsedAtOnceAndA206IsFetchedFromTheBegin) {
  Talk whole(held());
  EXPECT_USE(whole.answer({ok, "Content-Length: 80", redated, v2}), anew);

  Talk part(held());
  EXPECT_TRUE(part.dropped({partial, range(half), redated, v2}));
  EXPECT_EQ(part.asked(), "whole");
  EXPECT_USE(part.answer({ok, all, redated, v2}), anew);
}

TEST(AnotherVersion, APageInItsPlaceIsNotTaken) {
  Talk talk(held());
  EXPECT_TRUE(talk.dropped({partial, range(half), redated, v2}));
  EXPECT_FALSE(talk.dropped({ok, "Content-Length: 780", "Content-Type: text/html"}));
  EXPECT_EQ(static_cast<int>(talk.ending->doubt), static_cast<int>(Doubt::unproven));
}

TEST(AnotherVersion, OtherBytesWithoutALengthProveNothingBeforeTheyEnd) {
  for (const std::uint64_t brought : {100'000ULL, 999'999ULL, 1'000'001ULL, 1'000'000ULL}) {
    Talk talk(held("", "W/\"1\""));
    EXPECT_USE(talk.answer({ok, "Transfer-Encoding: chunked"}), beside);
    EXPECT_USE(talk.compared(Sample::differs), beside);
    EXPECT_FALSE(talk.end(brought));
    EXPECT_EQ(talk.done(), brought == size) << "another version of it, or not";
    if (talk.done()) continue;
    EXPECT_EQ(static_cast<int>(talk.ending->doubt), static_cast<int>(Doubt::contradiction));
    const std::string lengths = std::to_string(brought) + " bytes where 1000000 bytes were told";
    EXPECT_NE(talk.text().find("it brought " + lengths), std::string::npos) << talk.text();
  }
}

TEST(AnotherVersion, OtherBytesOfALengthThatIsToldOrWasNeverKnownAreEnough) {
  for (const auto& [known, told] : {std::pair(size, all), std::pair(base::size_unknown, std::string())}) {
    Talk talk(held("", "", known));
    EXPECT_USE(talk.answer({ok, told}), beside);
    EXPECT_USE(talk.compared(Sample::differs), anew);
  }
}

TEST(AnotherVersion, APageInPlaceOfTheVersionThatTheBytesShowedIsNotTaken) {
  for (const std::string total : {"1000000", "*"}) {
    Talk talk(held("", ""));
    talk.answer({partial, "Content-Range: bytes 334464-999999/" + total});
    EXPECT_USE(talk.compared(Sample::differs), drop);
    EXPECT_TRUE(talk.end());
    EXPECT_USE(talk.answer({ok}), beside);
    EXPECT_USE(talk.compared(Sample::differs), beside);
    EXPECT_FALSE(talk.end(150'000));
    EXPECT_EQ(static_cast<int>(talk.ending->doubt), static_cast<int>(Doubt::contradiction));
  }
}

TEST(AnotherVersion, TheFourthBeginningThatLeadsNowhereIsTheLast) {
  RemoteRecord tired = held();
  tired.fruitless_restarts = fruitless_restarts_max;
  Talk talk(tired);
  EXPECT_FALSE(talk.dropped({ok, all, redated, v2}));
  EXPECT_EQ(talk.code(), Code::BG_E_INSUFFICIENT_RANGE_SUPPORT);

  tired.identity.size = base::size_unknown;
  Talk unsized(tired);
  EXPECT_FALSE(unsized.dropped({ok, redated, v2}));
  EXPECT_EQ(unsized.code(), Code::BG_E_MISSING_FILE_SIZE);

  Talk goes_on(tired);
  EXPECT_USE(goes_on.answer({partial, range(half), dated, v1}), append);
}

// No clock is asked: a date is a name of a version, one that lies ahead as well as others.
TEST(AnotherVersion, ADateIsANameAndNoTime) {
  const std::string ahead = "Fri, 31 Dec 9999 23:59:59 GMT";
  const std::string today = std::string("Date: ") + monday;
  Talk same(held(ahead, ""));
  EXPECT_EQ(same.asked(), "400000- if " + ahead);
  EXPECT_USE(same.answer({partial, range(half), "Last-Modified: " + ahead, today}), append);
  Talk other(held(ahead, ""));
  EXPECT_USE(other.answer({ok, all, dated, today}), anew);
}

// --- answers that prove nothing ------------------------------------------------------------------

TEST(Contradiction, IsTriedAgainAndTheThirdEndsNamingBothLengths) {
  const std::vector<std::vector<std::string>> liars{
      {ok, "Content-Length: 600000", dated, v1},            // the rest under 200
      {ok, "Content-Length: 600000", dated, v1, range(half)},
      {ok, all, dated, v1, range(half)},
      {ok, "Content-Length: 0", dated, v1},
      {partial, "Content-Length: 600000", dated, v1},       // does not say which part
      {partial, range(half), "Content-Length: 5", dated, v1},
      {partial, range(half), "Content-Length: 600000", "Content-Length: 5", dated, v1},
      {partial, range(half, size - 1, 500'000), dated, v1},  // ends behind the total that it tells
      {partial, range(half, 999'998, 999'999), dated, v1},
      {ok, all, dated, v1, "Content-Encoding: gzip"},
  };
  for (const auto& lines : liars) {
    SCOPED_TRACE(lines[1]);
    RemoteRecord record = held();
    Talk talk(record);
    EXPECT_FALSE(talk.dropped(lines));
    EXPECT_EQ(talk.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE);
    EXPECT_EQ(static_cast<int>(talk.ending->doubt), static_cast<int>(Doubt::contradiction));
    EXPECT_NE(talk.text().find("1000000 bytes"), std::string::npos) << talk.text();
    EXPECT_NE(talk.text().find("(host)"), std::string::npos) << talk.text();
    record.contradictions = contradictions_max - 1;
    Talk third(record);
    EXPECT_FALSE(third.dropped(lines));
    EXPECT_EQ(third.code(), Code::BG_E_INVALID_SERVER_RESPONSE);
  }
  Talk talk(held());
  EXPECT_FALSE(talk.dropped(liars[0]));
  EXPECT_NE(talk.text().find("600000 bytes where 1000000 bytes"), std::string::npos) << talk.text();
}

TEST(Unproven, EndsOnlyAfterTenTriesAndAnHourAndSaysWhatCame) {
  const std::vector<std::string> page{ok, "Content-Length: 780", "Content-Type: text/html; x=y"};
  for (const auto& [tries, hours, last] :
       {std::tuple(0U, 0, false), {9U, 0, false}, {5U, 30, false}, {9U, 1, true}}) {
    RemoteRecord record = held();
    record.unproven = tries;
    record.unproven_for = std::chrono::hours(hours);
    Talk talk(record);
    EXPECT_FALSE(talk.dropped(page));
    EXPECT_EQ(talk.code(), last ? Code::BG_E_INVALID_SERVER_RESPONSE
                                : Code::WINHTTP_INVALID_SERVER_RESPONSE);
    EXPECT_NE(talk.text().find("HTTP 200, text/html, 780 bytes"), std::string::npos) << talk.text();
  }
}

// --- a Range that is refused ---------------------------------------------------------------------

TEST(Refused, IsAskedForWithoutOnceIntoAPartBeside) {
  for (const unsigned status : {304U, 400U, 403U, 405U, 416U, 501U}) {
    Talk talk(held());
    EXPECT_TRUE(talk.dropped({"HTTP/1.1 " + std::to_string(status) + " x"}));
    EXPECT_EQ(talk.asked(), "whole");
    EXPECT_USE(talk.answer({ok, all, dated, v1}), beside);
    EXPECT_EQ(talk.body().sample, sample_bytes);
    EXPECT_USE(talk.compared(Sample::equal), beside);
    EXPECT_EQ(talk.identity().resumable, Resumable::no);
    EXPECT_FALSE(talk.end(size));
    EXPECT_TRUE(talk.done());
  }
}

TEST(Refused, AConditionThatFailedIsLeftOutBeforeTheRangeIs) {
  const std::string failed = "HTTP/1.1 412 Precondition Failed";
  OriginMemory memory;
  Talk talk(held(), memory);
  EXPECT_TRUE(talk.dropped({failed}));
  EXPECT_EQ(talk.asked(), "400000-");
  EXPECT_USE(talk.answer({partial, range(half), dated, v1}), append);
  EXPECT_EQ(Talk(held(), memory).asked(), std::string("400000- if ") + monday);

  Talk refused(held());
  for (const bool goes_on : {true, true, false}) EXPECT_EQ(refused.dropped({failed}), goes_on);
  EXPECT_EQ(refused.code(), base::http_code(412));
}

TEST(Refused, TheSameStatusWithoutRangeIsTheAnswer) {
  for (const unsigned status : {304U, 400U, 403U, 405U, 416U, 501U}) {
    Talk talk(held());
    const std::string line = "HTTP/1.1 " + std::to_string(status) + " x";
    EXPECT_TRUE(talk.dropped({line}));
    EXPECT_FALSE(talk.dropped({line}));
    EXPECT_EQ(talk.code(), base::http_code(status));
  }
}

TEST(Refused, OtherStatusesAreTheAnswerAtOnce) {
  for (const unsigned status : {203U, 204U, 205U, 401U, 404U, 410U, 429U, 500U, 503U}) {
    Talk talk(held());
    EXPECT_FALSE(talk.dropped({"HTTP/1.1 " + std::to_string(status) + " x"}));
    EXPECT_EQ(talk.code(), base::http_code(status));
  }
}

TEST(Refused, WhatWasRefusedOnceIsNotAskedForAgain) {
  RemoteRecord record = held();
  record.ranges_refused = true;
  EXPECT_EQ(Talk(record).asked(), "whole");
}

TEST(Refused, AServerWithoutRangesSendsTheWholeBeside) {
  OriginMemory memory;
  {
    Talk talk(held(), memory);
    EXPECT_TRUE(talk.dropped({ok, all, dated, v1}));
    EXPECT_EQ(talk.asked(), "400000-");
    EXPECT_USE(talk.answer({ok, all, dated, v1}), beside);
  }
  EXPECT_EQ(Talk(held(), memory).asked(), "400000-") << "no condition for another file";
}

TEST(Refused, TheWholeMustBeginWithWhatIsHeldAndEndAtItsSize) {
  RemoteRecord record = held();
  record.ranges_refused = true;
  Talk other(record);
  EXPECT_USE(other.answer({ok, all, dated, v1}), beside);
  EXPECT_USE(other.compared(Sample::differs), drop);
  EXPECT_FALSE(other.end());
  EXPECT_EQ(static_cast<int>(other.ending->doubt), static_cast<int>(Doubt::contradiction));

  Talk shorter(record);
  EXPECT_USE(shorter.answer({ok, dated, v1}), beside);
  EXPECT_USE(shorter.compared(Sample::equal), beside);
  EXPECT_FALSE(shorter.end(size - 1));
  EXPECT_EQ(static_cast<int>(shorter.ending->doubt), static_cast<int>(Doubt::contradiction));

  Talk another_node(record);  // the bytes decide
  EXPECT_USE(another_node.answer({ok, all, dated, v2}), beside);
  EXPECT_USE(another_node.compared(Sample::differs), anew);
}

TEST(Refused, WhatTheWholeTellsIsNotBelievedBeforeItHasCome) {
  RemoteRecord record = held(monday, "\"v1\"", base::size_unknown);
  record.ranges_refused = true;
  Talk liar(record);
  EXPECT_USE(liar.answer({ok, "Content-Length: 1000001", dated, v1}), beside);
  EXPECT_USE(liar.compared(Sample::equal), beside);
  EXPECT_EQ(liar.identity().size, base::size_unknown) << "the row tells of the part that is held";
  EXPECT_FALSE(liar.end(size));
  EXPECT_EQ(static_cast<int>(liar.ending->doubt), static_cast<int>(Doubt::contradiction));
}

TEST(Refused, NothingIsLeftToAskForWhereTheTotalIsWhatIsHeld) {
  const std::string nothing = "Content-Range: bytes */400000";
  Talk sized(held(monday, "\"v1\"", half));
  EXPECT_FALSE(sized.dropped({outside, nothing}));
  EXPECT_TRUE(sized.done());
  Talk same(held(monday, "\"v1\"", base::size_unknown));
  EXPECT_FALSE(same.dropped({outside, nothing, v1}));
  EXPECT_TRUE(same.done());
  for (const char* tag : {"\"v1\"", ""}) {  // nobody says that it is the length of this file
    Talk silent(held("", tag, base::size_unknown));
    EXPECT_TRUE(silent.dropped({outside, nothing}) && !silent.ask().from);
  }
  Talk longer(held());  // it should have been longer
  EXPECT_TRUE(longer.dropped({outside, "Content-Range: bytes */400000"}));
  EXPECT_EQ(longer.asked(), "whole");
}

// --- time ----------------------------------------------------------------------------------------

TEST(RetryAfter, ComesWithTheStatusesThatAskForTime) {
  for (const unsigned status : {408U, 425U, 429U, 503U}) {
    Talk talk;
    EXPECT_FALSE(talk.dropped({"HTTP/1.1 " + std::to_string(status) + " x", "Retry-After: 12"}));
    EXPECT_EQ(talk.ending->retry_after, std::chrono::seconds(12));
    EXPECT_EQ(talk.ending->origin, "http://host:80");
  }
  Talk talk;
  EXPECT_FALSE(talk.dropped({"HTTP/1.1 404 x", "Retry-After: 12"}));
  EXPECT_FALSE(talk.ending->retry_after);
}

TEST(RetryAfter, NoRedirectLeadsToAnOriginThatAskedForTime) {
  RemoteRecord record;
  record.held_off = {"http://busy:80"};
  Talk talk(record);
  EXPECT_TRUE(talk.dropped({"HTTP/1.1 302 x", "Location: http://idle/f"}));
  EXPECT_FALSE(talk.dropped({"HTTP/1.1 302 x", "Location: http://busy/f"}));
  EXPECT_EQ(talk.code(), base::http_code(503));
  EXPECT_EQ(talk.text(), "it redirects to busy, which says to come back later (idle)");
  EXPECT_EQ(talk.ending->origin, "http://busy:80");
  EXPECT_FALSE(talk.ending->retry_after) << "what it asked for then counts on";
}

TEST(RetryAfter, WhoAskedForTimeIsToldAnewWhileTheConversationLasts) {
  RemoteRecord record;
  record.held_off = {"http://busy:80"};
  Talk talk(record);
  talk.hold_off({"http://idle:80"});
  EXPECT_TRUE(talk.dropped({"HTTP/1.1 302 x", "Location: http://busy/f"}));
  EXPECT_FALSE(talk.dropped({"HTTP/1.1 302 x", "Location: http://idle/f"}));
  EXPECT_EQ(talk.ending->origin, "http://idle:80");
}

// --- properties ----------------------------------------------------------------------------------

// Whatever servers answer: bytes go on only behind the same version or behind bytes that were found
// equal, what is held is void only for another version, and every conversation ends.
TEST(ConversationProperty, NothingIsLostAndNothingIsMixed) {
  base::Prng random(7);
  const auto pick = [&](std::initializer_list<std::string> values) {
    return *(values.begin() + random.below(values.size()));
  };
  OriginMemory memory;
  int used = 0;
  for (int i = 0; i < 20'000; ++i) {
    RemoteRecord record = held(pick({"", monday}), pick({"", "\"v1\"", "W/\"v1\""}),
                               random.chance(800) ? size : base::size_unknown);
    record.ranges_refused = random.chance(100);
    Talk talk(record, memory);
    for (int request = 0;; ++request) {
      ASSERT_LT(request, 20) << "it does not end";
      const bool part = talk.ask().from && random.chance(600);
      const std::uint64_t from = part ? *talk.ask().from : 0;
      std::vector<std::string> lines{
          part ? partial : pick({ok, ok, outside, "HTTP/1.1 403 x", "HTTP/1.1 503 x"}),
          pick({"", "", redated, dated, dated}), pick({"", v1, v1, v2})};
      if (part) lines.push_back(range(random.chance(800) ? from : from / 2));
      if (!part && random.chance(700)) lines.push_back(pick({all, "Content-Length: 780"}));
      const ResponseHead answer = head(lines);
      Use use = talk.answer(lines);
      const bool compares = use != Use::drop && talk.body().sample > 0;
      const Sample sample = random.chance(700) ? Sample::equal : Sample::differs;
      if (compares) use = talk.compared(sample);
      const Relation relation = relate(record.identity, told_by(answer), answer.status == 206);
      if (use == Use::append) {
        ++used;
        ASSERT_TRUE(relation == Relation::same || (compares && sample == Sample::equal));
        ASSERT_EQ(talk.body().begins + talk.body().sample, half);
      } else if (use == Use::beside) {
        ++used;
        ASSERT_TRUE(!answer.content_length || (sample == Sample::equal && relation != Relation::other));
      } else if (use == Use::anew) {
        const bool tells = !answer.last_modified.empty() || is_strong_etag(answer.etag);
        ASSERT_TRUE(tells || answer.content_length || record.identity.size == base::size_unknown);
      }
      if (!talk.end(use == Use::drop ? 0 : size - talk.body().begins)) break;
    }
  }
  EXPECT_GT(used, 2'000);
}

}  // namespace
}  // namespace backhaul::core
