// SPDX-License-Identifier: Apache-2.0
// Stories about a service that runs out of descriptors or memory: that is its own trouble. Jobs wait
// and say so; none gets an error.
#include <algorithm>

#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

struct Shortage : ::testing::TestWithParam<Code> {
  Story s;
};

TEST_P(Shortage, JobsWaitAndGoOnByThemselves) {
  s.serve("x", 1000);
  s.serve("y", 1000);
  s.world.disk.shortage = GetParam();
  // Not even with no patience at all does it become an error.
  const JobId a = s.enqueue("a", {"x"}, {.no_progress_timeout = 0});
  const JobId b = s.enqueue("b", {"y"});
  s.run(1s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 a is queued
0 b is queued
0 Enqueue: b
)");
  for (const JobId& job : {a, b}) {
    const core::Waiting waiting = s.world.service().waiting(s.row(job));
    EXPECT_EQ(to_word(waiting.kind), "shortage");
    EXPECT_EQ(s.waiting(job).rfind("the service is short of room to work (", 0), 0U) << s.waiting(job);
    EXPECT_NE(s.waiting(job).find("next try in 4 s"), std::string::npos) << s.waiting(job);
  }
  s.run(10min);
  for (const JobId& job : {a, b}) {
    EXPECT_EQ(s.row(job).state, JobState::queued);
    EXPECT_EQ(s.row(job).error_count, 0U);
    EXPECT_FALSE(s.row(job).error);
  }
  s.world.disk.shortage.reset();
  s.run(2min);
  for (const JobId& job : {a, b}) EXPECT_EQ(s.row(job).state, JobState::transferred);
}

TEST_P(Shortage, WhatItAsksForGrowsRarer) {
  s.serve("x", 1000);
  s.world.disk.shortage = GetParam();
  const JobId a = s.enqueue("a", {"x"});
  s.run(1h);
  const std::string told = s.told_of("connecting");
  const auto tries = std::count(told.begin(), told.end(), '\n') - 1;
  EXPECT_LE(tries, 70);
  EXPECT_GE(tries, 50);
  s.world.disk.shortage.reset();
  s.run(2min);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  s.suspend(a);
}

TEST_P(Shortage, CompleteIsCarriedOutWhenItCanBe) {
  for (const bool by_itself : {false, true}) {
    const std::string name = by_itself ? "by-itself" : "by-its-owner";
    s.serve(name, 1000);
    const JobId a = s.enqueue(name, {name});
    s.run(10s);
    ASSERT_EQ(s.row(a).state, JobState::transferred);
    s.forget();
    s.world.disk.shortage = GetParam();
    if (by_itself)
      s.change(a, {.auto_complete = true});
    else
      s.complete(a);
    s.run(1s);
    EXPECT_EQ(s.waiting(a).rfind("the service is short of room to work (", 0), 0U) << s.waiting(a);
    s.crash();  // the intent is durable
    EXPECT_EQ(s.row(a).state, JobState::transferred);
    s.run(1min);
    EXPECT_FALSE(s.has_file(name));
    s.world.disk.shortage.reset();
    s.run(2min);
    EXPECT_TRUE(s.has_file(name));
    EXPECT_EQ(s.world.store.find(a), nullptr);
  }
}

TEST_P(Shortage, WhoeverAskedForCompleteIsAnsweredAtItsEnd) {
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(10s);
  s.world.disk.shortage = GetParam();
  s.complete(a);
  EXPECT_EQ(s.reply_to_last(), "open");
  s.world.disk.shortage.reset();
  s.run(10s);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
}

INSTANTIATE_TEST_SUITE_P(OfAnyKind, Shortage,
                         ::testing::Values(Code::TOO_MANY_OPEN_FILES, Code::E_OUTOFMEMORY),
                         [](const auto& kind) { return std::string(base::symbol(kind.param)); });

}  // namespace
}  // namespace backhaul::stories
