// SPDX-License-Identifier: Apache-2.0
#include "core/scavenger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/link_for_test.h"

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;

constexpr LinkSetup deep{.megabits = 50, .rtt = 0.020, .depth = 0.240};
constexpr LinkSetup one_bdp{.megabits = 50, .rtt = 0.020, .depth = 0.020};
constexpr LinkSetup shallow{.megabits = 50, .rtt = 0.020, .depth = 0.003};
constexpr LinkSetup fair{.megabits = 50, .rtt = 0.020, .depth = 0.240, .fair = true};
constexpr LinkSetup far{.megabits = 50, .rtt = 0.100, .depth = 0.240};
constexpr LinkSetup trembling{.megabits = 50, .rtt = 0.020, .depth = 0.240, .jitter = 0.020};

// Background connections under one control, and one foreground flow; or, for comparison, background flows
// that nobody controls.
struct Path {
  explicit Path(const LinkSetup& setup, std::size_t connections = 1, bool controlled = true,
                const PathMemory& memory = {})
      : link(setup), megabits(setup.megabits), control(memory), controls(controlled) {
    for (std::size_t i = 0; i < connections; ++i) background.push_back(link.add_flow());
    foreground = link.add_flow();
    if (controls) set(control.window());
  }

  void start_background() {
    for (const std::size_t flow : background) link.start(flow);
    next = link.now();
  }
  void set(std::uint64_t window) {
    for (const std::size_t flow : background)
      link.set_window(flow, static_cast<double>(window) / static_cast<double>(background.size()));
  }
  void run(double seconds) {
    const double end = link.now() + seconds;
    for (; next <= end; next += static_cast<double>(control.interval().count()) / 1e6) {
      link.run_until(next);
      if (controls) sample();
      queues.push_back(link.queueing());
    }
    link.run_until(end);
  }
  void sample() {
    const double now_delivered = delivered();
    const double now_foreign = link.delivered(foreground) * Link::packet / Link::payload;
    Scavenger::Sample sample{.now = base::BootTime(base::Microseconds(static_cast<std::int64_t>(link.now() * 1e6))),
                             .rtt = {},
                             .delivered = static_cast<std::uint64_t>(now_delivered - seen),
                             .others = static_cast<std::uint64_t>(same_host ? now_foreign - foreign_seen : 0.0),
                             .connections = static_cast<std::uint32_t>(background.size())};
    for (const std::size_t flow : background)
      if (const auto rtt = link.rtt(flow)) sample.rtt = std::min(*rtt, sample.rtt.value_or(*rtt));
    seen = now_delivered;
    foreign_seen = now_foreign;
    set(control.step(sample));
    least_window = std::min(least_window, control.window());
  }
  double delivered() const {
    double sum = 0;
    for (const std::size_t flow : background) sum += link.delivered(flow);
    return sum;
  }
  // Of the line, in what follows.
  double share(double seconds) {
    const double before = delivered();
    run(seconds);
    return of_line(delivered() - before, seconds);
  }
  double of_line(double octets, double seconds) const {
    return octets * Link::packet / Link::payload * 8 / seconds / (megabits * 1e6);
  }
  double queue_at(double quantile) {
    std::sort(queues.begin(), queues.end());
    return queues.at(static_cast<std::size_t>(quantile * static_cast<double>(queues.size() - 1)));
  }

  Link link;
  double megabits;
  Scavenger control;
  bool controls;
  bool same_host = false;
  std::vector<std::size_t> background;
  std::size_t foreground = 0;
  std::vector<double> queues;
  double next = 0, seen = 0, foreign_seen = 0;
  std::uint64_t least_window = UINT64_MAX;
};

double foreground_alone(const LinkSetup& setup, double seconds) {
  Path path(setup);
  path.link.start(path.foreground);
  path.run(2);
  const double before = path.link.delivered(path.foreground);
  path.run(seconds);
  return path.link.delivered(path.foreground) - before;
}

// Of what it has alone: joins a line that the background fills.
struct Kept {
  double foreground = 0;
  double background = 0;
};
Kept kept(Path& path, const LinkSetup& setup, double seconds = 15) {
  path.start_background();
  path.run(6);
  path.link.start(path.foreground);
  path.run(2);
  const double before = path.link.delivered(path.foreground);
  const double before_background = path.delivered();
  path.run(seconds);
  const double alone = foreground_alone(setup, seconds);
  return {(path.link.delivered(path.foreground) - before) / alone, (path.delivered() - before_background) / alone};
}

TEST(Scavenger, FillsAnIdleLineWithHardlyAQueue) {
  for (const LinkSetup& setup : {deep, one_bdp, shallow, fair, far}) {
    Path path(setup);
    path.start_background();
    path.run(4);
    path.queues.clear();
    EXPECT_GE(path.share(8), setup.fair || setup.depth < 0.010 ? 0.93 : 0.95) << setup.rtt << " " << setup.depth;
    EXPECT_LE(path.queue_at(0.50), 0.008) << setup.rtt << " " << setup.depth;
    EXPECT_LE(path.queue_at(0.95), 0.012) << setup.rtt << " " << setup.depth;
  }
}

TEST(Scavenger, ALineThatStandsStillForMomentsIsFilledLikeAnyOther) {
  for (LinkSetup setup : {deep, one_bdp, fair}) {
    setup.stall = 0.012;
    Path path(setup);
    path.start_background();
    path.run(4);
    path.queues.clear();
    EXPECT_GE(path.share(20), 0.93) << setup.depth << setup.fair;
    EXPECT_LE(path.queue_at(0.50), 0.008) << setup.depth << setup.fair;
    EXPECT_LE(path.queue_at(0.95), 0.012) << setup.depth << setup.fair;
  }
}

TEST(Scavenger, LeavesTheLineToAForegroundFlowThatJoins) {
  for (const LinkSetup& setup : {deep, one_bdp}) {
    Path plain(setup, 1, false);
    ASSERT_LT(kept(plain, setup).foreground, 0.6) << "the model is no test";
    Path path(setup);
    const Kept both = kept(path, setup);
    EXPECT_GE(both.foreground, 0.96) << setup.depth;
    EXPECT_LE(both.background, 0.04) << setup.depth;
  }
}

TEST(Scavenger, TellsWhatItDoesToOthers) {
  EXPECT_EQ(Scavenger().impact(), std::nullopt) << "nothing was measured";
  Path path(deep);
  path.start_background();
  path.run(8);
  const auto impact = path.control.impact();
  ASSERT_TRUE(impact);
  const double line = deep.megabits * 1e6 / 8 * Link::payload / Link::packet;
  EXPECT_NEAR(static_cast<double>(impact->path_delay.count()), deep.rtt * 1e6, 4'000);
  EXPECT_LE(impact->delay_added, 15ms);
  EXPECT_NEAR(static_cast<double>(impact->capacity), line, 0.15 * line);
  ASSERT_TRUE(impact->left());
  EXPECT_LE(static_cast<double>(*impact->left()), 0.25 * line) << "it has the line for itself";
  EXPECT_EQ(core::Impact{}.left(), std::nullopt);
}

TEST(Scavenger, NoticesAQueueThatOverflowsBeforeItIsLong) {
  Path path(shallow);
  EXPECT_GE(kept(path, shallow).foreground, 0.85);
  EXPECT_LT(path.control.target(), 4ms);
}

// Behind fair queueing a competitor makes no queue that lasts for us.
TEST(Scavenger, TakesAMissingPartOfTheCapacityForASign) {
  Path plain(fair, 1, false);
  ASSERT_GE(kept(plain, fair).background, 0.45) << "the model is no test";
  Path path(fair);
  EXPECT_LE(kept(path, fair).background, 0.35);
}

TEST(Scavenger, StopsForOthersOfThisHostBeforeThereIsAQueue) {
  Path path(fair);
  path.same_host = true;
  EXPECT_GE(kept(path, fair).foreground, 0.96);

  Path joined(deep);
  joined.same_host = true;
  joined.start_background();
  joined.run(5);
  ASSERT_FALSE(joined.control.yields());
  joined.link.start(joined.foreground);
  joined.run(0.150);
  EXPECT_TRUE(joined.control.yields());
  EXPECT_EQ(joined.control.window(), 2 * 1448U);
}

TEST(Scavenger, IsNotStoppedByTheMurmurOfTheMachine) {
  Path path(deep);
  path.start_background();
  path.run(5);
  Scavenger control = path.control;
  auto now = base::BootTime(1h);
  for (int i = 0; i < 100; ++i, now += 10ms)
    control.step({.now = now, .rtt = 21ms, .delivered = 62'000, .others = 1'000});
  EXPECT_FALSE(control.yields()) << "0.1 MB/s beside 6";
}

TEST(Scavenger, ComesBackSoonWhenTheForegroundLeaves) {
  for (const LinkSetup& setup : {deep, one_bdp, fair}) {
    Path path(setup);
    kept(path, setup, 8);
    path.link.stop(path.foreground);
    path.run(2.5);
    double best = 0;
    for (int i = 0; i < 4; ++i) best = std::max(best, path.share(0.25));
    EXPECT_GE(best, 0.9) << setup.depth;
  }
}

TEST(Scavenger, NeverStops) {
  for (const LinkSetup& setup : {deep, one_bdp, fair}) {
    Path path(setup);
    path.same_host = true;
    kept(path, setup, 8);
    EXPECT_GE(path.least_window, 2 * 1448U);
    EXPECT_GE(path.share(2), 0.001);
  }
}

TEST(Scavenger, IsNotStarvedByADelayThatTrembles) {
  Path path(trembling);
  path.start_background();
  path.run(2);
  EXPECT_GE(path.share(15), 0.7);
  EXPECT_GE(path.control.target(), 6ms) << "not below what the path does by itself";
}

// No queue, no cut: what a sender makes of losses is its own affair.
TEST(Scavenger, KeepsWhatPlainTransfersHaveOnLongPathsThatLose) {
  for (const auto& [rtt, loss] : {std::pair{0.160, 0.01}, {0.300, 0.01}, {0.200, 0.03}, {0.300, 0.03}}) {
    const LinkSetup setup{.megabits = 50, .rtt = rtt, .depth = 0.100, .loss = loss};
    Path plain(setup, 1, false);
    plain.start_background();
    Path path(setup);
    path.start_background();
    EXPECT_GE(path.share(90), 0.7 * plain.share(90)) << rtt << " " << loss;
  }
}

TEST(Scavenger, ManyConnectionsAreOneAndShareFairly) {
  Path path(deep, 4);
  path.start_background();
  path.run(4);
  std::vector<double> before;
  for (const std::size_t flow : path.background) before.push_back(path.link.delivered(flow));
  EXPECT_GE(path.share(8), 0.95);
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const double got = path.link.delivered(path.background[i]) - before[i];
    sum += got;
    squares += got * got;
  }
  EXPECT_GE(sum * sum / (4 * squares), 0.95);

  Path beside(deep, 4);
  EXPECT_GE(kept(beside, deep).foreground, 0.93);
}

// Born inside of a queue that somebody else keeps full, it would take that delay for the one of the path.
TEST(Scavenger, WhatIsRememberedOfAPathHoldsInsideOfAQueue) {
  Path known(deep);
  known.start_background();
  known.run(5);
  const PathMemory memory = known.control.memory();
  EXPECT_NEAR(static_cast<double>(memory.base_delay.count()), 20'000, 1'500);
  EXPECT_NEAR(memory.capacity * Link::packet / Link::payload * 8, 50e6, 2.5e6);

  Path late(deep, 1, true, memory);
  late.link.start(late.foreground);
  late.run(20);
  late.start_background();
  late.run(1);
  EXPECT_LE(late.share(8), 0.03);
  EXPECT_EQ(late.control.memory().base_delay, memory.base_delay);
}

TEST(Scavenger, AServerThatThinksIsNoQueue) {
  Path path(deep);
  path.start_background();
  path.run(5);
  const std::uint64_t before = path.control.window();
  auto now = base::BootTime(1h);
  for (int i = 0; i < 200; ++i, now += 10ms) path.control.step({.now = now, .rtt = 5s, .delivered = 0});
  EXPECT_GE(path.control.window(), before);
}

// Of a busy machine, say. Else the line would be short of what it never had, and somebody suspected.
TEST(Scavenger, WhatWasHeldUpAndComesAtOnceIsNoCapacity) {
  Scavenger control({.base_delay = 20ms, .capacity = 6e6});
  auto now = base::BootTime(1h);
  for (int i = 0; i < 2000; ++i, now += 10ms) {
    const int beat = i % 20;
    const std::uint64_t arrives = beat < 4 ? 1'000U : beat < 6 ? 180'000U : 60'000U;
    control.step({.now = now, .rtt = 24ms, .delivered = arrives});
  }
  EXPECT_LE(control.memory().capacity, 7e6);
}

// Longer paths are believed after some minutes, and a line that became narrower is not waited for for ever.
TEST(Scavenger, GetsUsedToAnotherPath) {
  Scavenger control({.base_delay = 20ms, .capacity = 6e6});
  auto now = base::BootTime(1h);
  const auto fill = [&](double rate, base::Microseconds base, int seconds) {
    double sum = 0;
    for (int i = 0; i < seconds * 100; ++i, now += 10ms) {
      const double fits = rate * static_cast<double>(base.count()) / 1e6;
      const double window = static_cast<double>(control.window());
      const double arrives = std::min(rate, window / (static_cast<double>(base.count()) / 1e6)) * 0.010;
      const auto wait = base::Microseconds(static_cast<std::int64_t>(std::max(0.0, window - fits) / rate * 1e6));
      control.step({.now = now, .rtt = base + wait, .delivered = static_cast<std::uint64_t>(arrives)});
      sum += arrives;
    }
    return sum / (rate * seconds);
  };
  EXPECT_GE(fill(6e6, 20ms, 20), 0.9);
  fill(6e6, 60ms, 150);
  EXPECT_GE(fill(6e6, 60ms, 20), 0.9);
  fill(2e6, 60ms, 240);
  EXPECT_GE(fill(2e6, 60ms, 20), 0.8);
}

}  // namespace
}  // namespace backhaul::core
