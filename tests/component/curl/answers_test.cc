// SPDX-License-Identifier: Apache-2.0
// What servers answer to a request for a file or for the rest of one: http-and-network.md §2-3,
// and the range table of the transport.
#include "tests/component/curl/fixture.h"

namespace backhaul::test {
namespace {

using base::Code;

class Answers : public CurlTest {};

TEST_F(Answers, AWholeFileArrivesWithItsIdentity) {
  server.on("/f", {.size = 300'000, .seed = 1, .etag = "\"v1\""});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(1, 300'000));
  EXPECT_TRUE(f.sink.ended);
  EXPECT_TRUE(f.sink.epochs.empty());
  ASSERT_EQ(f.heads.size(), 1U);
  EXPECT_EQ(f.heads[0].identity.size, 300'000U);
  EXPECT_EQ(f.heads[0].identity.last_modified, some_date);
  EXPECT_EQ(f.heads[0].identity.etag, "\"v1\"");
  EXPECT_FALSE(f.heads[0].restarted);
}

TEST_F(Answers, ARequestSaysWhoAsksAndWantsNoCoding) {
  server.on("/f", {.size = 10});
  get(server.url("/f"));
  const auto requests = server.requests("/f");
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].method, "GET");
  EXPECT_EQ(requests[0].field("accept-encoding"), "identity");
  EXPECT_TRUE(requests[0].field("user-agent").starts_with("backhaul/"));
  EXPECT_EQ(requests[0].field("range"), "");
  EXPECT_EQ(requests[0].field("if-range"), "");
  EXPECT_EQ(requests[0].field("if-unmodified-since"), "");
}

TEST_F(Answers, AFileOfNoBytesIsComplete) {
  server.on("/f", {.size = 0});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::S_OK);
  EXPECT_TRUE(f.sink.ended);
  ASSERT_EQ(f.heads.size(), 1U);
  EXPECT_EQ(f.heads[0].identity.size, 0U);
}

TEST_F(Answers, AResumeAsksForTheRestOfThisVersionAndGetsIt) {
  server.on("/f", {.size = 100'000, .seed = 2});
  const Download& f = get(server.url("/f"), content(2, 40'000), identity_of(100'000));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(2, 100'000));
  EXPECT_TRUE(f.sink.epochs.empty());
  const auto requests = server.requests("/f");
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].field("range"), "bytes=40000-");
  EXPECT_EQ(requests[0].field("if-range"), some_date);
  EXPECT_EQ(requests[0].field("if-match"), "");
}

// Its head could be that of the rest; its body begins with the head of a part.
TEST_F(Answers, SeveralPartsInsteadOfTheRestComeIntoNoFile) {
  const std::string body = "\r\n--x\r\nContent-Range: bytes 400-499/1000\r\n\r\n" + content(2, 100, 400) +
                           "\r\n--x\r\nContent-Range: bytes 0-9/1000\r\n\r\n" + content(9, 10) + "\r\n--x--\r\n";
  const std::string head = "HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=x\r\n"
                           "Last-Modified: " + std::string(some_date) + "\r\nContent-Range: bytes 400-" +
                           std::to_string(399 + body.size()) + "/1000\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n";
  server.in_turn("/f", {{.raw = head + body}, {.size = 1000, .seed = 2}});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(2, 1000));
  server.on("/g", {.raw = head + body});
  const Download& g = get(server.url("/g"));
  EXPECT_EQ(g.code(), Code::BG_E_INVALID_SERVER_RESPONSE);
  EXPECT_TRUE(g.sink.data.empty());
}

// Four ranges: the first was held, three are asked for at once, and this is what comes.
TEST_F(Answers, PartsThatLieAreGivenUpAndTheirBytesAskedForOneByOne) {
  const auto part = [](std::uint64_t first, std::uint64_t last, std::uint64_t total = 1000) {
    return "\r\n--x\r\nContent-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
           std::to_string(total) + "\r\n\r\n" + content(2, last - first + 1, first);
  };
  const std::string end = "\r\n--x--\r\n";
  const std::vector<std::string> bodies = {
      part(300, 309) + part(500, 509) + part(700, 709) + end,
      part(300, 309) + part(700, 709) + part(500, 509) + end,
      part(300, 309) + part(500, 509) + end,
      part(300, 309) + part(500, 509, 2000) + part(700, 709) + end,
      part(300, 309) + content(9, 70'000),
      part(300, 309) + part(500, 509) + part(700, 709) + part(900, 909) + end,
      part(300, 304),
      ""};
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const std::string path = "/f" + std::to_string(i);
    open({});  // nothing is remembered of the server
    server.in_turn(path, {{.raw = "HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=x\r\n"
                                  "Last-Modified: " + std::string(some_date) + "\r\nContent-Length: " +
                                  std::to_string(bodies[i].size()) + "\r\n\r\n" + bodies[i]},
                          {.size = 1000, .seed = 2}});
    ports::TransferRequest request{.source = {.address = server.url(path)}};
    request.record.wanted = core::Wanted::of_ranges({{100, 10}, {300, 10}, {500, 10}, {700, 10}}).value();
    request.record.held = core::Extents::until(10);
    request.record.identity = identity_of(1000);
    request.record.identity.resumable = core::Resumable::yes;
    const Download& f = finish(start(request, content(2, 10, 100)));
    EXPECT_EQ(f.code(), Code::S_OK) << i << ": " << f.text();
    EXPECT_EQ(f.sink.data, content(2, 10, 100) + content(2, 10, 300) + content(2, 10, 500) + content(2, 10, 700)) << i;
    EXPECT_EQ(server.requests(path).at(0).field("range"), "bytes=300-309,500-509,700-709");
    EXPECT_EQ(server.requests(path).size() == 1, i == 0 || i == 5) << i;
  }
}

TEST_F(Answers, WithoutADateTheStrongEtagNamesTheVersion) {
  server.on("/f", {.size = 1000, .seed = 2, .last_modified = "", .etag = "\"a\""});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000, "", "\"a\""));
  EXPECT_EQ(f.sink.data, content(2, 1000));
  EXPECT_EQ(server.requests("/f").at(0).field("if-range"), "\"a\"");
}

TEST_F(Answers, WithoutAValidatorTheLastBytesAreComparedAndTheRestIsUsed) {
  server.on("/f", {.size = 900'000, .seed = 2, .last_modified = ""});
  const Download& f = get(server.url("/f"), content(2, 400'000), identity_of(900'000, ""));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(2, 900'000));
  EXPECT_TRUE(f.sink.epochs.empty());
  const auto requests = server.requests("/f");
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].range_begin, 400'000U - core::sample_bytes);
  EXPECT_EQ(requests[0].field("if-range"), "");
}

TEST_F(Answers, OtherBytesWithoutAValidatorAreFetchedFromTheBegin) {
  server.on("/f", {.size = 900'000, .seed = 3, .last_modified = ""});
  const Download& f = get(server.url("/f"), content(2, 400'000), identity_of(900'000, ""));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(3, 900'000));
  EXPECT_EQ(f.sink.epochs, std::vector<std::uint32_t>{1});
}

// Nodes that tell different tags of one file: the first break costs a round, the next ones none.
TEST_F(Answers, ATagThatDiffersFromNodeToNodeIsLearned) {
  server.on("/f", {.size = 900'000, .seed = 2, .etag = "\"b\""});
  const core::RemoteIdentity a = identity_of(900'000, std::string(some_date), "\"a\"");
  for (int broken = 0; broken < 5; ++broken) {
    server.forget_requests();
    const Download& f = get(server.url("/f"), content(2, 400'000), a);
    EXPECT_EQ(f.code(), Code::S_OK) << f.text();
    EXPECT_EQ(f.sink.data, content(2, 900'000));
    EXPECT_TRUE(f.sink.epochs.empty());
    EXPECT_EQ(server.requests("/f").size(), broken == 0 ? 2U : 1U);
  }
}

TEST_F(Answers, ARangeThatBeginsWithTheFileIsUsedFromWhereItOverlaps) {
  server.on("/f", {.size = 900'000, .seed = 2, .range_shift = -400'000});
  const Download& f = get(server.url("/f"), content(2, 400'000), identity_of(900'000));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(2, 900'000));
  EXPECT_TRUE(f.sink.epochs.empty());
  EXPECT_EQ(server.requests("/f").size(), 1U);
}

// A full sink in the middle of what is compared and first written: nothing is lost or doubled.
TEST_F(Answers, WhatIsComparedGoesThroughANarrowSinkWhole) {
  for (const std::uint64_t room : {0U, 1U, 5'000U, 70'000U}) {
    server.on("/f", {.size = 300'000, .seed = 2, .range_status = 403});
    Download& f = start(server.url("/f"), content(2, 100'000), identity_of(300'000));
    f.sink.capacity = room;
    ASSERT_TRUE(until([&] {
      if (f.sink.room) f.sink.make_room(40'000 + core::sample_bytes);
      return f.end.has_value();
    }));
    EXPECT_EQ(f.code(), Code::S_OK) << f.text();
    EXPECT_EQ(f.sink.data, content(2, 300'000));
    EXPECT_GT(f.sink.times_full, 0);
  }
}

TEST_F(Answers, ARefusedRangeIsAskedForWithoutAndThePartBeforeStays) {
  for (const unsigned status : {304U, 400U, 403U, 405U, 501U}) {
    server.on("/f", {.size = 1000, .seed = 2, .range_status = status});
    server.forget_requests();
    const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
    EXPECT_EQ(f.code(), Code::S_OK) << f.text();
    EXPECT_EQ(f.sink.data, content(2, 1000));
    ASSERT_EQ(f.heads.size(), 1U);
    EXPECT_TRUE(f.heads[0].restarted && f.heads[0].beside);
    EXPECT_EQ(server.requests("/f").size(), 2U);
  }
}

TEST_F(Answers, TheRestUnder200IsNeverTheFile) {
  server.on("/f", {.size = 1000, .seed = 2, .rest_is_whole = true});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE);
  EXPECT_NE(f.text().find("600 bytes where 1000 bytes"), std::string::npos) << f.text();
  EXPECT_EQ(f.end->doubt, core::Doubt::contradiction);
  EXPECT_EQ(f.sink.data, content(2, 400));
  EXPECT_FALSE(f.sink.ended);
  EXPECT_TRUE(f.heads.empty());
}

TEST_F(Answers, APageInTheWayIsNeverTheFile) {
  server.on("/f", {.status = 302, .location = "/login"});
  server.on("/login", {.raw = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nlogin"});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE);
  EXPECT_EQ(f.end->doubt, core::Doubt::unproven);
  EXPECT_EQ(f.sink.data, content(2, 400));
}

TEST_F(Answers, ACookieIsShownWithinItsTransferOnly) {
  const Behaviour gate{.status = 307, .location = "/f", .set_cookie = "pass=1; Path=/; HttpOnly"};
  server.in_turn("/f", {gate, {.size = 10, .seed = 1}, {.size = 10, .seed = 1}});
  EXPECT_EQ(get(server.url("/f")).sink.data, content(1, 10));
  get(server.url("/f"));  // the same handle, and the same connection
  const auto requests = server.requests("/f");
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].field("cookie"), "");
  EXPECT_EQ(requests[1].field("cookie"), "pass=1");
  EXPECT_EQ(requests[2].field("cookie"), "");
  EXPECT_EQ(requests[0].connection, requests[2].connection);
}

TEST_F(Answers, AChangedFileStartsAnewInTheSameAnswer) {
  server.on("/f", {.size = 2000, .seed = 3, .last_modified = std::string(later_date)});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::S_OK);
  EXPECT_EQ(f.sink.data, content(3, 2000));
  EXPECT_EQ(f.sink.epochs, std::vector<std::uint32_t>{1});
  ASSERT_EQ(f.heads.size(), 1U);
  EXPECT_TRUE(f.heads[0].restarted);
  EXPECT_EQ(f.heads[0].epoch, 1U);
  EXPECT_EQ(f.heads[0].identity.last_modified, later_date);
  EXPECT_EQ(server.requests("/f").size(), 1U);
}

TEST_F(Answers, AServerWithoutRangesGivesTheWholeFileAgain) {
  server.on("/f", {.size = 1000, .seed = 2, .ranges = false});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::S_OK);
  EXPECT_EQ(f.sink.data, content(2, 1000));
  EXPECT_EQ(f.sink.epochs, std::vector<std::uint32_t>{1});
  ASSERT_EQ(f.heads.size(), 1U);
  EXPECT_EQ(f.heads[0].identity.resumable, core::Resumable::no);
  EXPECT_TRUE(f.heads[0].beside);
}

TEST_F(Answers, ARangeOfAnotherVersionIsFetchedAgainFromTheBegin) {
  // If-Range is not looked at, so the 206 is of a file that we know nothing of.
  const Behaviour changed{.size = 1000,
                          .seed = 3,
                          .last_modified = std::string(later_date),
                          .if_range = false};
  server.on("/f", changed);
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(3, 1000));
  EXPECT_EQ(f.sink.epochs, std::vector<std::uint32_t>{1});
  ASSERT_EQ(f.heads.size(), 1U);
  EXPECT_TRUE(f.heads[0].restarted);
  const auto requests = server.requests("/f");
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].field("range"), "");
  EXPECT_EQ(requests[1].field("if-range"), "");
}

TEST_F(Answers, ARangeWithAnotherTotalIsFetchedAgainFromTheBegin) {
  server.on("/f", {.size = 1200, .seed = 3, .last_modified = ""});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000, ""));
  EXPECT_EQ(f.code(), Code::S_OK);
  EXPECT_EQ(f.sink.data, content(3, 1200));
  EXPECT_EQ(server.requests("/f").size(), 2U);
}

TEST_F(Answers, ARangeThatBeginsElsewhereIsNeverAppended) {
  for (const std::int64_t shift : {1, 100}) {
    const std::string path = "/shift" + std::to_string(shift);
    server.on(path, {.size = 1000, .seed = 2, .range_shift = shift});
    const Download& f = get(server.url(path), content(2, 400), identity_of(1000));
    EXPECT_EQ(f.code(), Code::S_OK);
    EXPECT_EQ(f.sink.data, content(2, 1000));
    EXPECT_EQ(f.sink.epochs, std::vector<std::uint32_t>{1});
    EXPECT_EQ(server.requests(path).size(), 2U);
  }
}

TEST_F(Answers, TheConnectionOfADroppedAnswerIsUsedAgain) {
  server.on("/f", {.size = 1000, .seed = 2, .range_shift = 1});
  get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(Answers, OutOfRangeAtOurEndMeansThatEverythingIsHere) {
  server.on("/f", {.size = 1000, .seed = 2});
  const Download& f = get(server.url("/f"), content(2, 1000), identity_of(1000));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(2, 1000));  // the text of the 416 is not part of it
  EXPECT_TRUE(f.sink.ended);
  EXPECT_TRUE(f.sink.epochs.empty());
  ASSERT_EQ(f.heads.size(), 1U);
  EXPECT_EQ(f.heads[0].identity.size, 1000U);
}

TEST_F(Answers, OutOfRangeOfAShorterFileFetchesThatFile) {
  server.on("/f", {.size = 300, .seed = 4, .last_modified = std::string(later_date),
                   .if_range = false});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::S_OK);
  EXPECT_EQ(f.sink.data, content(4, 300));
  EXPECT_EQ(f.sink.epochs, std::vector<std::uint32_t>{1});
}

TEST_F(Answers, ARefusedRangeIsFetchedFromTheBegin) {
  server.on("/f", {.size = 1000, .seed = 2, .refuse_range = true});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::S_OK);
  EXPECT_EQ(f.sink.data, content(2, 1000));
}

TEST_F(Answers, ARangeThatTheServerShortenedIsContinued) {
  server.on("/f", {.size = 1000, .seed = 2, .range_max = 250});
  const Download& f = get(server.url("/f"), content(2, 100), identity_of(1000));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(2, 1000));
  EXPECT_TRUE(f.sink.epochs.empty());
  EXPECT_EQ(f.heads.size(), 1U);
  const auto requests = server.requests("/f");
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[1].range_begin, 350U);
  EXPECT_EQ(requests[3].range_begin, 850U);
  EXPECT_EQ(server.accepted(), 1U);
}

// http-and-network.md §2: nothing tells the version, and nothing lies in front of the next range.
TEST_F(Answers, RangesOfAnUntoldVersionAreComparedWithWhatIsHeldElsewhere) {
  const auto two_ranges = [this](const char* path) {
    ports::TransferRequest request{.source = {.address = server.url(path)}};
    request.record.wanted = core::Wanted::of_ranges({{100, 100'000}, {300'000, 10}}).value();
    return request;
  };
  server.on("/f", {.size = 500'000, .seed = 2, .last_modified = ""});
  const Download& f = finish(start(two_ranges("/f")));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(2, 100'000, 100) + content(2, 10, 300'000));
  EXPECT_EQ(f.heads.size(), 2U) << "it may have changed since it was compared";
  const auto requests = server.requests("/f");
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[1].range_begin, 100'100U - core::sample_bytes);
  EXPECT_EQ(requests[2].range_begin, 300'000U);

  server.in_turn("/g", {{.size = 500'000, .seed = 2, .last_modified = ""}, {.size = 500'000, .seed = 3, .last_modified = ""}});
  const Download& g = finish(start(two_ranges("/g")));
  EXPECT_EQ(g.code(), Code::S_OK) << g.text();
  EXPECT_EQ(g.sink.data, content(3, 100'000, 100) + content(3, 10, 300'000)) << "all of one version";
  EXPECT_EQ(g.sink.epochs, std::vector<std::uint32_t>{1});

  // Between a comparison and what is taken after it: the next comparison is with what was here before.
  const Behaviour old{.size = 500'000, .seed = 2, .last_modified = ""};
  server.in_turn("/h", {old, old, {.size = 500'000, .seed = 3, .last_modified = ""}});
  ports::TransferRequest three{.source = {.address = server.url("/h")}};
  three.record.wanted = core::Wanted::of_ranges({{100, 1000}, {300'000, 1000}, {400'000, 10}}).value();
  const Download& h = finish(start(std::move(three)));
  EXPECT_EQ(h.code(), Code::S_OK) << h.text();
  EXPECT_EQ(h.sink.data, content(3, 1000, 100) + content(3, 1000, 300'000) + content(3, 10, 400'000));
}

// The end of the file is no end that is kept for the next comparison: what was here first is.
TEST_F(Answers, WhatWasHereFirstIsComparedBehindARangeToTheEndOfTheFile) {
  const Behaviour old{.size = 500'000, .seed = 2, .last_modified = ""};
  server.in_turn("/f", {old, old, {.size = 500'000, .seed = 3, .last_modified = ""}});
  ports::TransferRequest request{.source = {.address = server.url("/f")}};
  request.record.held = core::Extents::until(100'000);
  request.record.identity = identity_of(500'000, "");
  request.record.demand.position = 300'000;
  const Download& f = finish(start(std::move(request), content(2, 100'000)));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.epochs, std::vector<std::uint32_t>{1}) << "it is of another version by then";
  EXPECT_EQ(server.requests("/f").at(2).range_begin, 100'000U - core::sample_bytes);
}

// What is at hand is one byte, which many files have there.
TEST_F(Answers, RangesOfAnUntoldVersionAreRemarkedWhereNoBytesTell) {
  server.on("/f", {.size = 1000, .seed = 2, .last_modified = ""});
  ports::TransferRequest request{.source = {.address = server.url("/f")}};
  request.record.wanted = core::Wanted::of_ranges({{100, 1}, {300, 1}, {500, 1}}).value();
  const Download& f = finish(start(std::move(request)));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(2, 1, 100) + content(2, 1, 300) + content(2, 1, 500));
  ASSERT_EQ(f.heads.size(), 2U) << "once, and once more for the remark";
  EXPECT_FALSE(f.heads[0].identity.version_untold);
  EXPECT_TRUE(f.heads[1].identity.version_untold);
  EXPECT_FALSE(f.heads[1].restarted);
}

TEST_F(Answers, WithoutALengthTheEndOfTheConnectionEndsTheFile) {
  server.on("/f", {.size = 1000, .seed = 2, .length = false});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::S_OK);
  EXPECT_EQ(f.sink.data, content(2, 1000));
  EXPECT_EQ(f.heads.at(0).identity.size, base::size_unknown);
  EXPECT_TRUE(f.heads.at(0).identity.end_untold);
}

TEST_F(Answers, AChunkedFileHasNoKnownSizeAndIsWhole) {
  server.on("/f", {.size = 200'000, .seed = 2, .chunked = true});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::S_OK);
  EXPECT_EQ(f.sink.data, content(2, 200'000));
  EXPECT_EQ(f.heads.at(0).identity.size, base::size_unknown);
}

TEST_F(Answers, AChunkedRangeMayNotBeLongerThanItSaid) {
  server.on("/f", {.size = 1000, .seed = 2, .chunked = true, .surplus = 5});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE) << f.text();
  EXPECT_EQ(f.end->doubt, core::Doubt::contradiction) << "it is tried again, and not for ever";
  EXPECT_EQ(f.text().find("the answer contradicts itself: it goes on behind the range that it tells"), 0U) << f.text();
  EXPECT_LE(f.sink.data.size(), 1000U);
}

TEST_F(Answers, AnEncodedFileIsStoredAsItIsAndKnownByItsCoding) {
  server.on("/f", {.size = 1000, .seed = 2, .content_encoding = "gzip"});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(2, 1000));
  EXPECT_EQ(f.heads.at(0).identity.encoding, "gzip");

  core::RemoteIdentity coded = identity_of(1000);
  coded.encoding = "gzip";
  server.on("/f", {.size = 1000, .seed = 2, .ranges = false});
  const Download& rest = get(server.url("/f"), content(2, 400), coded);
  EXPECT_EQ(rest.end->doubt, core::Doubt::contradiction) << rest.text();
  EXPECT_EQ(rest.sink.data, content(2, 400));
}

TEST_F(Answers, InterimAnswersAndTrailersAreNotTheHead) {
  server.on("/f", {.raw = "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\nETag: \"no\"\r\n\r\n"
                          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: ETag\r\n\r\n"
                          "3\r\nabc\r\n0\r\nETag: \"late\"\r\n\r\n"});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, "abc");
  ASSERT_EQ(f.heads.size(), 1U);
  EXPECT_EQ(f.heads[0].identity.etag, "");
}

TEST_F(Answers, WhatSwitchesToAnotherProtocolIsNotTheFile) {
  server.on("/f", {.raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
                          "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::WINHTTP_CONNECTION_ERROR) << f.text();
  EXPECT_EQ(f.sink.data, "");
}

// The connection stays open behind it: if it were read, this would never end.
TEST_F(Answers, WhatFollowsTheEndOfABodyIsNoneOfTheFile) {
  server.on("/f", {.raw = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc" + std::string(100'000, 'x'), .gate = 0});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, "abc");
}

TEST_F(Answers, ADigestInATrailerIsPassedOver) {
  server.on("/f", {.raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Repr-Digest\r\n\r\n"
                          "3\r\nabc\r\n0\r\nRepr-Digest: sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:\r\n\r\n"});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  ASSERT_EQ(f.heads.size(), 1U);
  EXPECT_EQ(f.heads[0].identity.digest, "");
}

TEST_F(Answers, ATransferCodingThatNobodyAskedForIsNotTheFile) {
  server.on("/f", {.raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"});
  const Download& f = get(server.url("/f"));
  EXPECT_EQ(f.code(), Code::BG_E_INVALID_SERVER_RESPONSE) << f.text();
  EXPECT_EQ(f.sink.data, "");
  server.on("/busy", {.raw = "HTTP/1.1 503 x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"});
  EXPECT_EQ(get(server.url("/busy")).code(), base::http_code(503));
}

TEST_F(Answers, AnHttp10ServerIsGoodEnough) {
  server.on("/f", {.raw = "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc"});
  EXPECT_EQ(get(server.url("/f")).sink.data, "abc");
}

TEST_F(Answers, StatusesFailWithTheirNumberAndNameTheHost) {
  for (const unsigned status : {204U, 300U, 304U, 400U, 401U, 403U, 404U, 407U, 410U, 500U, 503U}) {
    const std::string path = "/s" + std::to_string(status);
    server.on(path, {.status = status, .close = true});
    const Download& f = get(server.url(path));
    EXPECT_EQ(f.code(), base::http_code(status));
    EXPECT_EQ(f.end->error->context, base::ErrorContext::remote_file);
    EXPECT_EQ(f.text(), "HTTP " + std::to_string(status) + " from 127.0.0.1");
    EXPECT_TRUE(f.sink.data.empty());
    EXPECT_FALSE(f.sink.ended);
    EXPECT_TRUE(f.heads.empty());
  }
}

TEST_F(Answers, AShortRefusalKeepsTheConnection) {
  server.on("/a", {.status = 404});
  server.on("/b", {.size = 10, .seed = 1});
  get(server.url("/a"));
  EXPECT_EQ(get(server.url("/b")).code(), Code::S_OK);
  EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(Answers, RetryAfterIsToldForABusyServer) {
  server.on("/a", {.status = 503, .retry_after = "120"});
  server.on("/b", {.status = 429, .retry_after = "7"});
  server.on("/c", {.status = 503, .retry_after = std::string(some_date)});
  server.on("/d", {.status = 503, .retry_after = "soon"});
  server.on("/e", {.status = 500, .retry_after = "120"});
  EXPECT_EQ(get(server.url("/a")).end->retry_after, base::Microseconds(120s));
  EXPECT_EQ(get(server.url("/b")).end->retry_after, base::Microseconds(7s));
  EXPECT_EQ(get(server.url("/c")).end->retry_after, base::Microseconds(0));  // long ago
  EXPECT_EQ(get(server.url("/d")).end->retry_after, std::nullopt);
  EXPECT_EQ(get(server.url("/e")).end->retry_after, std::nullopt);
}

TEST_F(Answers, AThirdFruitlessRestartIsTheLast) {
  server.on("/f", {.size = 1000, .ranges = false});
  ports::TransferRequest request{.source = {.address = server.url("/f")}};
  request.record.held = core::Extents::until(400);
  request.record.identity = identity_of(1000);
  request.record.fruitless_restarts = core::fruitless_restarts_max;
  const Download& f = finish(start(std::move(request), content(0, 400)));
  EXPECT_EQ(f.code(), Code::BG_E_INSUFFICIENT_RANGE_SUPPORT);
  EXPECT_TRUE(f.sink.epochs.empty());
}

}  // namespace
}  // namespace backhaul::test
