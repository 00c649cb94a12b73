// SPDX-License-Identifier: Apache-2.0
// Transfers that are kept to a bandwidth, against a server that has more. Upper bounds alone: a machine that
// is busy moves less.
#include "tests/component/curl/fixture.h"

namespace backhaul::test {
namespace {

using base::Code;
using base::Priority;

class Bandwidth : public CurlTest {
 protected:
  static core::RateLimits normal(std::optional<std::uint64_t> octets) {
    return {.octets = {{{}, octets, {}}}};
  }
  Download& background(const std::string& path, Priority priority = Priority::normal) {
    return start({.job = job, .source = {.address = server.url(path)}, .standing = priority});
  }
  // Until it ends, and at every look within what the rate gives: a tenth of a second ahead of it is a
  // burst that nobody notices.
  void expect_within(double rate, const std::vector<Download*>& all, base::Microseconds time) {
    const base::BootTime began = loop.now();
    const std::size_t before = received(all);
    while (loop.now() - began < time) {
      loop.run_once(5ms);
      sort_events();
      const double seconds = std::chrono::duration<double>(loop.now() - began).count();
      ASSERT_LE(static_cast<double>(received(all) - before), rate * (seconds + 0.2) + 1024);
      if (std::ranges::all_of(all, [](const Download* one) { return one->end.has_value(); })) return;
    }
  }
  static std::size_t received(const std::vector<Download*>& all) {
    std::size_t sum = 0;
    for (const Download* one : all) sum += one->sink.data.size();
    return sum;
  }

  const base::JobId job{.bytes = {1}};
};

TEST_F(Bandwidth, IsNeverExceededAndTheFileArrivesWhole) {
  transport->limit(normal(400'000));
  server.on("/f", {.size = 300'000, .seed = 1});
  Download& f = background("/f");
  expect_within(400'000, {&f}, 60s);
  EXPECT_EQ(finish(f).code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(1, 300'000));
}

TEST_F(Bandwidth, IsSharedByAllThatAreOfThatPriority) {
  transport->limit(normal(400'000));
  std::vector<Download*> all;
  for (std::uint64_t i = 0; i < 8; ++i) {
    const std::string path = "/" + std::to_string(i);
    server.on(path, {.size = 40'000, .seed = i});
    all.push_back(&background(path));
  }
  expect_within(400'000, all, 60s);
  for (std::uint64_t i = 0; i < 8; ++i) {
    EXPECT_EQ(finish(*all[i]).code(), Code::S_OK) << all[i]->text();
    EXPECT_EQ(all[i]->sink.data, content(i, 40'000));
  }
}

TEST_F(Bandwidth, ChangesWhileItRuns) {
  server.on("/f", {.size = 30'000'000, .seed = 1});
  transport->limit(normal(300'000));
  Download& f = background("/f");
  expect_within(300'000, {&f}, 500ms);
  transport->limit(normal(20'000));
  expect_within(20'000, {&f}, 500ms);
  transport->limit(normal(0));
  run_for(loop, 50ms);
  const std::size_t held = f.sink.data.size();
  run_for(loop, 300ms);
  EXPECT_EQ(f.sink.data.size(), held) << "nothing at all";
  transport->limit({});
  EXPECT_EQ(finish(f).code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(1, 30'000'000));
}

TEST_F(Bandwidth, ForegroundIsNotConcernedNorWhoBecomesIt) {
  transport->limit({.octets = {{1'000U, 1'000U, 1'000U}}});
  server.on("/f", {.size = 3'000'000, .seed = 1});
  server.on("/g", {.size = 3'000'000, .seed = 2});
  Download& g = background("/g");
  EXPECT_EQ(finish(background("/f", Priority::foreground)).code(), Code::S_OK);
  sort_events();
  ASSERT_FALSE(g.end) << "it would take the better part of an hour";
  transport->set_standing(g.id, Priority::foreground);
  EXPECT_EQ(finish(g).code(), Code::S_OK) << g.text();
  EXPECT_EQ(g.sink.data, content(2, 3'000'000));
}

TEST_F(Bandwidth, HoldsForAJobThatIsUrgentAsWell) {
  transport->limit({.octets = {{{}, {}, 1'000U}}});
  server.on("/f", {.size = 3'000'000, .seed = 1});
  server.on("/g", {.size = 1'000'000, .seed = 2});
  const core::Standing urgent(Priority::low, Priority::foreground);
  Download& f = start({.job = job, .source = {.address = server.url("/f")}, .standing = urgent});
  EXPECT_EQ(finish(background("/g", Priority::high)).code(), Code::S_OK);
  sort_events();
  EXPECT_FALSE(f.end) << "it would take the better part of an hour";
}

TEST_F(Bandwidth, WaitingForItIsNoSilenceAndASinkThatIsFullLosesNothing) {
  open({.silence_limit = 100ms});
  transport->limit(normal(150'000));
  server.on("/f", {.size = 100'000, .seed = 1});
  Download& f = background("/f");
  f.sink.capacity = 10'000;
  while (!f.end) {
    ASSERT_TRUE(until([&] { return f.end || f.sink.room; }));
    f.sink.make_room(30'000);
  }
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(1, 100'000));
}

// The server of these tests is one of the own network.
TEST_F(Bandwidth, IsNotForTheOwnNetworkWhereThatIsLaidDown) {
  core::RateLimits limits = normal(0);
  limits.near_free = true;
  transport->limit(limits);
  server.on("/near", {.size = 100'000, .seed = 2});
  const Download& near = finish(background("/near"));
  EXPECT_EQ(near.code(), Code::S_OK) << near.text();
  EXPECT_EQ(near.sink.data, content(2, 100'000));
}

TEST_F(Bandwidth, AHeldTransferCanBeStopped) {
  transport->limit(normal(1'000));
  server.on("/f", {.size = 1'000'000, .seed = 1});
  Download& f = background("/f");
  Download& g = background("/f");
  ASSERT_TRUE(until([&] { return !f.sink.data.empty() && !g.sink.data.empty(); }));
  transport->stop(f.id);
  f.sink.closed = true;
  const std::size_t before = g.sink.data.size();
  EXPECT_TRUE(until([&] { return g.sink.data.size() > before; })) << "the others go on";
}

TEST_F(Bandwidth, TheMeterTellsTheRateOfAJobOverItsFiles) {
  transport->limit(normal(100'000));
  for (std::uint64_t i = 0; i < 3; ++i)
    server.on("/" + std::to_string(i), {.size = 70'000, .seed = i});
  EXPECT_EQ(transport->reading(job).rate, 0U);
  for (std::uint64_t i = 0; i < 3; ++i) finish(background("/" + std::to_string(i)));
  EXPECT_GT(transport->reading(job).rate, 0U);
  EXPECT_LT(transport->reading(job).rate, 120'000U);
  EXPECT_EQ(transport->reading({}).rate, 0U) << "of somebody else's";
}

}  // namespace
}  // namespace backhaul::test
