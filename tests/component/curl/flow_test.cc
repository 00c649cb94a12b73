// SPDX-License-Identifier: Apache-2.0
// A sink that is full, stopping in every phase, many at once, connections used again.
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/component/curl/fixture.h"
#include "tests/component/curl/slow_resolver.h"

namespace backhaul::test {
namespace {

using base::Code;

class Flow : public CurlTest {};
class Stop : public CurlTest {
 protected:
  void stop(Download& f) {
    transport->stop(f.id);
    f.sink.closed = true;
  }
};

constexpr std::uint64_t megabyte = 1024 * 1024;

TEST_F(Flow, AFullSinkPausesAndRoomContinues) {
  server.on("/f", {.size = 3 * megabyte, .seed = 1});
  Download& f = start(server.url("/f"));
  f.sink.capacity = 100'000;
  while (!f.end) {
    ASSERT_TRUE(until([&] { return f.end || f.sink.room; }));
    f.sink.make_room(500'000);
  }
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(1, 3 * megabyte));
  EXPECT_GT(f.sink.times_full, 3);
}

TEST_F(Flow, AFullSinkIsNotOfferedMoreAndCountsAsNoSilence) {
  open({.silence_limit = 300ms});
  server.on("/f", {.size = megabyte, .seed = 1});
  Download& f = start(server.url("/f"));
  f.sink.capacity = 50'000;
  ASSERT_TRUE(until([&] { return static_cast<bool>(f.sink.room); }));
  const std::size_t held = f.sink.data.size();
  run_for(loop, 500ms);
  sort_events();
  EXPECT_FALSE(f.end);
  EXPECT_EQ(f.sink.data.size(), held);
  f.sink.make_room(UINT64_MAX);
  EXPECT_EQ(finish(f).code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(1, megabyte));
}

TEST_F(Flow, RoomThatTurnsOutTooSmallPausesAgain) {
  server.on("/f", {.size = megabyte, .seed = 1});
  Download& f = start(server.url("/f"));
  f.sink.capacity = 0;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(until([&] { return static_cast<bool>(f.sink.room); }));
    f.sink.make_room(10);  // less than any piece
  }
  ASSERT_TRUE(until([&] { return static_cast<bool>(f.sink.room); }));
  EXPECT_EQ(f.sink.data.size(), 0U);
  f.sink.make_room(UINT64_MAX);
  EXPECT_EQ(finish(f).code(), Code::S_OK);
  EXPECT_EQ(f.sink.data, content(1, megabyte));
}

TEST_F(Flow, ACutBodyWhilePausedIsToldWithItsBytes) {
  server.on("/f", {.size = megabyte, .seed = 1, .cut = megabyte / 2});
  Download& f = start(server.url("/f"));
  f.sink.capacity = 50'000;
  ASSERT_TRUE(until([&] { return f.sink.room && server.open_connections() == 0; }));
  f.sink.make_room(UINT64_MAX);
  EXPECT_EQ(finish(f).code(), Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(f.sink.data, content(1, megabyte / 2));
}

TEST_F(Flow, RoomAfterTheEndOfTheTransportIsHarmless) {
  server.on("/f", {.size = megabyte, .seed = 1});
  Download& f = start(server.url("/f"));
  f.sink.capacity = 0;
  ASSERT_TRUE(until([&] { return static_cast<bool>(f.sink.room); }));
  transport.reset();
  f.sink.closed = true;
  f.sink.make_room(1);
  loop.run_once(10ms);
}

TEST_F(Flow, SixteenAtOnceEachGetTheirOwnBytes) {
  std::vector<Download*> all;
  for (std::uint64_t i = 0; i < 16; ++i) {
    const std::string path = "/" + std::to_string(i);
    server.on(path, {.size = 200'000 + i, .seed = i});
    all.push_back(&start(server.url(path)));
    all.back()->sink.capacity = 30'000 * (i + 1);
  }
  ASSERT_TRUE(until([&] {
    bool done = true;
    for (Download* f : all) {
      if (f->sink.room) f->sink.make_room(70'000);
      done = done && f->end.has_value();
    }
    return done;
  }));
  for (std::uint64_t i = 0; i < 16; ++i) {
    EXPECT_EQ(all[i]->code(), Code::S_OK) << all[i]->text();
    EXPECT_EQ(all[i]->sink.data, content(i, 200'000 + i));
  }
}

TEST_F(Flow, FiftyFilesOfAHostNeedOneConnection) {
  for (int i = 0; i < 50; ++i) {
    const std::string path = "/" + std::to_string(i);
    server.on(path, {.size = 1000, .seed = static_cast<std::uint64_t>(i)});
    EXPECT_EQ(get(server.url(path)).code(), Code::S_OK);
  }
  EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(Flow, AConnectionThatTheServerClosedMeanwhileIsReplaced) {
  server.on("/f", {.size = 1000, .seed = 1, .cut = 1000});  // whole, then closed
  EXPECT_EQ(get(server.url("/f")).code(), Code::S_OK);
  EXPECT_EQ(get(server.url("/f")).code(), Code::S_OK);
  EXPECT_EQ(server.accepted(), 2U);
}

TEST_F(Flow, BackgroundSocketsAreMarkedLowerEffortAndForegroundOnesAreNot) {
  // The same connection serves both, one after the other.
  server.on("/f", {.size = 10, .gate = 0, .hold_head = true});
  const auto mark_while = [&](base::Priority priority) {
    Download& f = start({.source = {.address = server.url("/f")}, .standing = priority});
    const std::size_t asked = server.requests("/f").size();
    EXPECT_TRUE(until([&] { return server.requests("/f").size() == asked + 1; }));
    int found = -1;
    for (int fd = 0; fd < 256; ++fd) {  // ours is the socket whose peer is the server's port
      sockaddr_in peer{};
      socklen_t size = sizeof peer;
      if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 ||
          peer.sin_family != AF_INET || ntohs(peer.sin_port) != server.port()) {
        continue;
      }
      size = sizeof found;
      EXPECT_EQ(getsockopt(fd, IPPROTO_IP, IP_TOS, &found, &size), 0);
    }
    server.release("/f");
    finish(f);
    return found;
  };
  EXPECT_EQ(mark_while(base::Priority::normal), 0x04);
  EXPECT_EQ(mark_while(base::Priority::foreground), 0);
  EXPECT_EQ(mark_while(base::Priority::low), 0x04);
  EXPECT_EQ(server.accepted(), 1U);
}

// --- stop(): the sink is not touched afterwards, and nothing is told.
TEST_F(Stop, BeforeAnythingHappened) {
  server.on("/f", {.size = 10});
  Download& f = start(server.url("/f"));
  stop(f);
  run_for(loop, 50ms);
  sort_events();
  EXPECT_FALSE(f.end);
}

TEST_F(Stop, WhileTheNameIsResolvedDoesNotWaitForIt) {
  const SlowResolver resolver;
  Download& f = start("http://" + std::string(slow_name) + "/f");
  ASSERT_TRUE(until([&] { return resolver.asked(); }));
  stop(f);  // waiting would be for ever
  server.on("/g", {.size = 10});
  EXPECT_EQ(get(server.url("/g")).code(), Code::S_OK);
  EXPECT_FALSE(f.end);
}

TEST_F(Stop, BeforeTheHead) {
  server.on("/f", {.size = 10, .gate = 0, .hold_head = true});
  Download& f = start(server.url("/f"));
  ASSERT_TRUE(until([&] { return server.requests("/f").size() == 1; }));
  stop(f);
  EXPECT_TRUE(until([&] { return server.open_connections() == 0; }));
  EXPECT_FALSE(f.end);
}

TEST_F(Stop, InTheBody) {
  server.on("/f", {.size = megabyte, .seed = 1, .gate = 1000});
  Download& f = start(server.url("/f"));
  ASSERT_TRUE(until([&] { return f.sink.data.size() == 1000; }));
  stop(f);
  server.release("/f");
  EXPECT_TRUE(until([&] { return server.open_connections() == 0; }));
  EXPECT_FALSE(f.end);
}

TEST_F(Stop, WhilePausedAndWhileRoomIsOnItsWay) {
  server.on("/f", {.size = megabyte, .seed = 1});
  Download& f = start(server.url("/f"));
  Download& g = start(server.url("/f"));
  f.sink.capacity = 0;
  g.sink.capacity = 0;
  ASSERT_TRUE(until([&] { return f.sink.room && g.sink.room; }));
  stop(f);
  f.sink.make_room(UINT64_MAX);
  g.sink.make_room(UINT64_MAX);  // before the stop, but it is not acted on before
  stop(g);
  EXPECT_TRUE(until([&] { return server.open_connections() == 0; }));
  EXPECT_FALSE(f.end);
  EXPECT_FALSE(g.end);
}

TEST_F(Stop, BetweenTwoRequestsOfATransfer) {
  server.on("/a", {.status = 302, .location = "/b"});
  server.on("/b", {.size = 10, .gate = 0, .hold_head = true});
  Download& f = start(server.url("/a"));
  ASSERT_TRUE(until([&] { return server.requests("/b").size() == 1; }));
  stop(f);
  server.release("/b");
  EXPECT_TRUE(until([&] { return server.open_connections() == 0; }));
  EXPECT_FALSE(f.end);
}

TEST_F(Stop, AfterTheEndOrOfNobodyIsIgnored) {
  server.on("/f", {.size = 10});
  const Download& f = get(server.url("/f"));
  transport->stop(f.id);
  transport->stop(base::TransferId{99});
  EXPECT_EQ(get(server.url("/f")).code(), Code::S_OK);
}

TEST_F(Stop, OfOneLeavesTheOthersAlone) {
  server.on("/f", {.size = megabyte, .seed = 1, .gate = 1000});
  server.on("/g", {.size = megabyte, .seed = 2});
  Download& f = start(server.url("/f"));
  Download& g = start(server.url("/g"));
  ASSERT_TRUE(until([&] { return f.sink.data.size() == 1000; }));
  stop(f);
  EXPECT_EQ(finish(g).code(), Code::S_OK);
  EXPECT_EQ(g.sink.data, content(2, megabyte));
}

TEST_F(Stop, TheTransportMayGoWithTransfersInEveryPhase) {
  server.on("/f", {.size = megabyte, .seed = 1, .gate = 1000});
  Download& f = start(server.url("/f"));
  Download& g = start(server.url("/g"));
  ASSERT_TRUE(until([&] { return f.sink.data.size() == 1000 && g.end; }));
  Download& h = start(server.url("/f"));
  transport.reset();
  f.sink.closed = h.sink.closed = true;
  EXPECT_TRUE(until([&] { return server.open_connections() == 0; }));
  EXPECT_FALSE(f.end || h.end);
}

// What somebody else's request did to a connection is nobody else's.
TEST_F(Flow, ConnectionsAreUsedAgainByTheSameOwnerOnly) {
  server.on("/f", {.size = 1000});
  for (const std::uint32_t owner : {1000U, 1000U, 1001U, 1000U, 1001U}) {
    ports::TransferRequest request{.source = {.address = server.url("/f")}, .owner = {owner}};
    EXPECT_EQ(finish(start(std::move(request))).code(), Code::S_OK);
  }
  std::vector<std::uint64_t> used;
  for (const SeenRequest& request : server.requests()) used.push_back(request.connection);
  EXPECT_EQ(used, (std::vector<std::uint64_t>{1, 1, 2, 1, 2}));
}

// Those who fetch nothing lose their connections in the end.
TEST_F(Flow, ManyOwnersDoNotKeepConnectionsForEver) {
  server.on("/f", {.size = 1000});
  for (std::uint32_t owner = 0; owner < 50; ++owner) {
    ports::TransferRequest request{.source = {.address = server.url("/f")}, .owner = {owner}};
    EXPECT_EQ(finish(start(std::move(request))).code(), Code::S_OK);
  }
  EXPECT_TRUE(until([&] { return server.open_connections() <= 16; }));
}

}  // namespace
}  // namespace backhaul::test
