// SPDX-License-Identifier: Apache-2.0
// What only the origin may say of a file, and what a neighbour that has a copy of it may not
// (peer-caching.md §9: P5, P6, P7, P13).
#include <string>
#include <vector>

#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;

// --- the head alone ------------------------------------------------------------------------------

RemoteRecord only_identity(RemoteRecord record = held()) {
  record.identity_only = true;
  return record;
}

TEST(HeadAlone, SaysWhatTheFileIsAndTouchesNothing) {
  for (const RemoteRecord& record : {RemoteRecord(), held(), held(tuesday, "\"v2\"", 5)}) {
    Talk talk(only_identity(record));
    EXPECT_EQ(talk.ask().method.view(), "HEAD");
    EXPECT_EQ(talk.asked(), "whole");
    EXPECT_USE(talk.answer({ok, all, dated, v1, "Accept-Ranges: bytes", "Content-Encoding: gzip"}), drop);
    EXPECT_TRUE(talk.knows_all_is_here());
    EXPECT_FALSE(talk.end());
    EXPECT_TRUE(talk.done());
    EXPECT_TRUE(talk.ending->asked_only);
    EXPECT_EQ(talk.identity().size, size);
    EXPECT_EQ(talk.identity().last_modified, monday);
    EXPECT_EQ(talk.identity().etag, "\"v1\"");
    EXPECT_EQ(talk.identity().encoding, "gzip");
    EXPECT_EQ(talk.identity().resumable, Resumable::yes);
    EXPECT_TRUE(talk.headers().starts_with(ok));
  }
}

TEST(HeadAlone, TellsADigestOfTheFileAndWhomItIsFor) {
  const std::string digest = "sha-256=:" + std::string(43, 'A') + "=:";
  Talk talk(only_identity());
  talk.answer({ok, all, "Repr-Digest: " + digest, "Cache-Control: private"});
  EXPECT_FALSE(talk.identity().digest.empty());
  EXPECT_TRUE(talk.identity().for_one);
  Talk of_message(only_identity());
  of_message.answer({ok, all, "Content-Digest: " + digest});
  EXPECT_TRUE(of_message.identity().digest.empty()) << "of nothing";
}

TEST(HeadAlone, WithoutALengthNothingIsSaidOfItsFraming) {
  for (const std::vector<std::string>& lines :
       std::vector<std::vector<std::string>>{{ok, dated}, {ok, dated, "Transfer-Encoding: chunked"}}) {
    Talk talk(only_identity());
    EXPECT_FALSE(talk.dropped(lines));
    EXPECT_TRUE(talk.done());
    EXPECT_EQ(talk.identity().size, base::size_unknown);
    EXPECT_FALSE(talk.identity().end_untold);
    EXPECT_EQ(talk.identity().resumable, Resumable::unknown);
  }
}

TEST(HeadAlone, InATransferCodingTellsNothingAndFailsNobody) {
  Talk talk(only_identity());
  EXPECT_FALSE(talk.dropped({ok, all, dated, v1, "Transfer-Encoding: gzip"}));
  EXPECT_TRUE(talk.done()) << talk.text();
  EXPECT_EQ(talk.identity(), RemoteIdentity()) << "the GET decides";
}

TEST(HeadAlone, WhoTakesNoHeadTellsNothingAndFailsNobody) {
  for (const std::string status : {"400", "403", "405", "501"}) {
    Talk talk(only_identity());
    EXPECT_FALSE(talk.dropped({"HTTP/1.1 " + status + " x", "Content-Length: 77", dated, v1}));
    EXPECT_TRUE(talk.done()) << talk.text();
    EXPECT_TRUE(talk.ending->asked_only);
    EXPECT_TRUE(talk.knows_all_is_here());
    EXPECT_EQ(talk.identity(), RemoteIdentity());
    EXPECT_EQ(talk.headers(), "");
  }
}

TEST(HeadAlone, EverythingElseIsAsEver) {
  for (unsigned status = 201; status < 600; ++status) {
    if (status == 400 || status == 403 || status == 405 || status == 501) continue;
    Talk talk(only_identity());
    EXPECT_FALSE(talk.dropped({"HTTP/1.1 " + std::to_string(status) + " x"}));
    EXPECT_EQ(talk.code(), base::http_code(status));
  }
  Talk busy(only_identity());
  busy.dropped({"HTTP/1.1 503 x", "Retry-After: 7"});
  EXPECT_EQ(busy.ending->retry_after, std::chrono::seconds(7));
  Talk cut(only_identity());
  EXPECT_FALSE(cut.end(0, true));
  EXPECT_EQ(cut.code(), Code::WINHTTP_CONNECTION_ERROR);
}

TEST(HeadAlone, FollowsRedirectsAsHead) {
  Talk talk(only_identity());
  for (const unsigned status : {301U, 302U, 303U, 307U, 308U}) {
    ASSERT_TRUE(talk.dropped({"HTTP/1.1 " + std::to_string(status) + " x", "Location: http://other/g"}));
    EXPECT_EQ(talk.ask().method.view(), "HEAD");
    EXPECT_EQ(talk.ask().url, "http://other/g");
  }
  EXPECT_FALSE(talk.dropped({ok, all}));
  EXPECT_TRUE(talk.done());
}

// --- a neighbour's copy --------------------------------------------------------------------------

const std::string a_key(64, 'a');

Source neighbour() {
  return {.kind = SourceKind::peer, .address = "https://10.0.0.7:2178/v1/record/1", .neighbour = a_key};
}

RemoteRecord known(RemoteRecord record = held()) {
  record.identity.digest = "sha256:" + std::string(64, '0');
  return record;
}
RemoteRecord nothing_held() {
  RemoteRecord record = known();
  record.held = {};
  return record;
}

Talk with_neighbour(RemoteRecord record) { return Talk(neighbour(), std::move(record), RequestOptions()); }

// It ends with an error that is the neighbour's alone.
void expect_fault(Talk& talk, const std::vector<std::string>& lines) {
  const RemoteIdentity before = talk.identity();
  EXPECT_FALSE(talk.dropped(lines)) << lines.front();
  ASSERT_TRUE(talk.ending && talk.ending->error) << lines.front();
  EXPECT_EQ(talk.ending->doubt, Doubt::none);
  EXPECT_FALSE(talk.ending->retry_after);
  EXPECT_EQ(talk.ending->origin, "");
  EXPECT_NE(talk.text().find("the neighbour 10.0.0.7 (key aaaaaaaaaaaaaaaa)"), std::string::npos) << talk.text();
  EXPECT_EQ(talk.identity(), before) << "it is the origin's";
  EXPECT_EQ(talk.headers(), "");
  EXPECT_EQ(talk.remote(), "");
}

TEST(Neighbour, GivesTheFileOfTheOriginsIdentity) {
  const RemoteRecord record = nothing_held();
  Talk talk = with_neighbour(record);
  EXPECT_EQ(talk.asked(), "whole");
  EXPECT_FALSE(talk.ask().at_home) << "who asks is nobody's to know";
  EXPECT_USE(talk.answer({ok, all, dated, v1, "Set-Cookie: a=b"}), append);
  EXPECT_EQ(talk.body().length, size);
  EXPECT_EQ(talk.identity(), record.identity);
  EXPECT_EQ(talk.headers(), "");
  EXPECT_FALSE(talk.end(size));
  EXPECT_TRUE(talk.done());
  EXPECT_FALSE(talk.ending->asked_only);
}

TEST(Neighbour, P6GoesOnWhereAnotherSourceEnded) {
  Talk talk = with_neighbour(known());
  EXPECT_EQ(talk.asked(), "400000- if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(half), dated, v1}), append);
  EXPECT_EQ(talk.body().begins, half);
  EXPECT_EQ(talk.body().place, half);
  EXPECT_EQ(talk.body().sample, 0U);
  EXPECT_FALSE(talk.end(size - half));
  EXPECT_TRUE(talk.done());
  EXPECT_EQ(with_neighbour(known(held(monday, ""))).asked(), std::string("400000- if ") + monday);
}

TEST(Neighbour, P6ThatDiesCostsNothingThatCame) {
  Talk talk = with_neighbour(nothing_held());
  EXPECT_USE(talk.answer({ok, all, dated, v1}), append);
  EXPECT_FALSE(talk.end(1000, true));
  EXPECT_EQ(talk.code(), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(talk.ending->doubt, Doubt::none);
  Talk early = with_neighbour(nothing_held());
  EXPECT_USE(early.answer({ok, all, dated, v1}), append);
  EXPECT_FALSE(early.end(1000));
  EXPECT_EQ(early.code(), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(early.ending->doubt, Doubt::none);
}

TEST(Neighbour, P7OfAnotherVersionBringsNothing) {
  const std::string other = "Repr-Digest: sha-256=:" + std::string(43, 'A') + "=:";
  const std::string odd = "Repr-Digest: sha-256=:" + std::string(42, 'A') + "E=:";
  const std::string one_more = "Content-Length: 1000001";
  for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
           {ok, all, dated, v2}, {ok, all, redated, v1}, {ok, all, redated, v2}, {ok, one_more, dated, v1},
           {ok, dated, v1}, {ok, all}, {ok, all, dated, v1, odd}, {ok, all, dated, v1, "Content-Encoding: gzip"},
           {ok, all, dated, v1, "Transfer-Encoding: chunked"}}) {
    Talk talk = with_neighbour(nothing_held());
    expect_fault(talk, lines);
  }
  Talk same = with_neighbour(nothing_held());
  EXPECT_USE(same.answer({ok, all, dated, v1, other}), append) << "the digest is that of the origin";
  for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
           {partial, range(half), dated, v2}, {partial, range(half), redated, v1},
           {partial, range(half, size, size + 1), dated, v1}, {partial, range(half)}, {ok, all, dated, v1},
           {partial, range(half + 1), dated, v1}, {partial, range(half - 1), dated, v1}, {partial, range(0), dated, v1},
           {partial, range(half, size - 2), dated, v1}, {partial, dated, v1},
           {partial, "Content-Range: bytes 400000-999999/*", dated, v1},
           {partial, "Content-Type: multipart/byteranges; boundary=x", dated, v1}}) {
    Talk talk = with_neighbour(known());
    expect_fault(talk, lines);
  }
}

TEST(Neighbour, InATransferCodingBringsNothing) {
  Talk talk = with_neighbour(nothing_held());
  expect_fault(talk, {ok, all, dated, v1, "Transfer-Encoding: gzip"});
}

TEST(Neighbour, P5SaysNothingOfTheFileByItsStatus) {
  for (unsigned status = 201; status < 600; ++status) {
    if (status == 206) continue;
    for (RemoteRecord record : {nothing_held(), known()}) {
      record.contradictions = contradictions_max;
      record.unproven = unproven_max;
      Talk talk = with_neighbour(std::move(record));
      expect_fault(talk, {"HTTP/1.1 " + std::to_string(status) + " x", "Location: http://other/", "Retry-After: 60",
                          "WWW-Authenticate: Basic realm=x", "Content-Range: bytes */400000", dated, v1});
      EXPECT_EQ(talk.code(), base::http_code(status));
    }
  }
}

TEST(Neighbour, OfAFileWithoutValidatorsTheSizeAndTheDigestTell) {
  RemoteRecord record = known(held("", ""));
  Talk talk = with_neighbour(record);
  EXPECT_EQ(talk.asked(), "400000-");
  EXPECT_USE(talk.answer({partial, range(half), dated}), append);
  Talk wrong = with_neighbour(record);
  expect_fault(wrong, {partial, range(half, size, size + 1)});
}

TEST(Neighbour, IsAskedWithGetWhateverTheJobAsks) {
  Talk talk(neighbour(), nothing_held(), RequestOptions{.method = base::Method("POST")});
  EXPECT_TRUE(talk.ask().method.is_usual());
}

TEST(Neighbour, P13CopiesOfRangesAreFilesOfTheirOwn) {
  RemoteRecord record = nothing_held();
  record.wanted = Wanted::of_ranges({{.offset = 600'000, .length = 100}, {.offset = 100, .length = 200}}).value();
  record.held = Extents::until(50);
  Talk talk = with_neighbour(record);
  EXPECT_EQ(talk.asked(), "50- if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(50, 299, 300), dated, v1,
                          "Repr-Digest: sha-256=:" + std::string(42, 'A') + "E=:"}), append);
  EXPECT_EQ(talk.body().place, 50U);
  EXPECT_EQ(talk.body().length, 250U);
  EXPECT_EQ(talk.identity(), record.identity) << "of the remote file, as its origin told it";
  EXPECT_FALSE(talk.end(250));
  EXPECT_TRUE(talk.done());
  EXPECT_FALSE(talk.ending->asked_only);
  Talk remote = with_neighbour(record);
  expect_fault(remote, {partial, range(50), dated, v1});
}

TEST(Neighbour, GivesPiecesOneAfterTheOther) {
  RemoteRecord record = nothing_held();
  record.demand.asked = {{1000, 2000}, {5000, 6000}};
  Talk talk = with_neighbour(record);
  EXPECT_EQ(talk.asked(), "1000-1999 if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(1000, 1999), dated, v1}), append);
  EXPECT_TRUE(talk.end(1000));
  EXPECT_EQ(talk.asked(), "5000-5999 if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(5000, 5999), dated, v1}), append);
  EXPECT_FALSE(talk.end(1000));
  EXPECT_TRUE(talk.done());
  EXPECT_TRUE(talk.ending->asked_only);
}

}  // namespace
}  // namespace backhaul::core
