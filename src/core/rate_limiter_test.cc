// SPDX-License-Identifier: Apache-2.0
#include "core/rate_limiter.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "core/bandwidth.h"

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;
using base::BootTime;
using base::Microseconds;
using base::Priority;
using base::TransferId;

RateLimits normal(std::optional<std::uint64_t> octets) { return {.octets = {{{}, octets, {}}}}; }

// Transfers whose servers have as much as is taken, in pieces as libcurl hands them on, and whose timers
// may be late.
struct Line {
  explicit Line(std::optional<std::uint64_t> rate) { limiter.set(normal(rate), now); }

  void offer(TransferId transfer, std::uint64_t size = 16384) {
    while (true) {
      const std::uint64_t taken = limiter.take(transfer, Priority::normal, size, now);
      received[transfer] += taken;
      total += taken;
      if (taken < size) return;
      if (total > most) return;  // nothing limits it
    }
  }
  void begin(int count) {
    for (int i = 1; i <= count; ++i) offer(TransferId(static_cast<std::uint64_t>(i)));
  }
  void run(Microseconds time, Microseconds late = {}) {
    const BootTime end = now + time;
    while (limiter.next() <= end) {
      now = std::max(now, limiter.next()) + late;
      for (const TransferId transfer : limiter.due(now)) offer(transfer);
    }
    now = end;
  }

  RateLimiter limiter;
  BootTime now{1h};
  std::map<TransferId, std::uint64_t> received;
  std::uint64_t total = 0;
  std::uint64_t most = std::uint64_t{1} << 40;
};

TEST(RateLimiter, KeepsWithinFivePercentOverTenSecondsAtEveryRate) {
  for (const std::uint64_t rate : {2'000U, 12'500U, 125'000U, 12'500'000U, 125'000'000U}) {
    for (const Microseconds late : {0us, 3'000us, 30'000us}) {
      Line line(rate);
      line.begin(1);
      for (int tens = 0; tens < 5; ++tens) {
        const std::uint64_t before = line.total;
        line.run(10s, late);
        const auto moved = static_cast<double>(line.total - before);
        EXPECT_LT(moved, 10.5 * static_cast<double>(rate)) << rate;
        EXPECT_GT(moved, 9.5 * static_cast<double>(rate)) << rate << ", late by " << late.count();
      }
    }
  }
}

TEST(RateLimiter, NeverGivesMoreThanAPieceAheadOfTheRate) {
  Line line(100'000);
  line.begin(1);
  const BootTime began = line.now;
  for (int i = 0; i < 1000; ++i) {
    line.run(7ms);
    const double time = std::chrono::duration<double>(line.now - began).count();
    EXPECT_LE(static_cast<double>(line.total), 100'000 * (time + 0.1) + 5'001);
  }
}

TEST(RateLimiter, WhatWasNotUsedIsNotSavedForABurst) {
  Line line(100'000);
  line.begin(1);
  line.run(1s);
  line.limiter.ended(TransferId(1), line.now);
  line.now += 1h;
  const std::uint64_t before = line.total;
  line.offer(TransferId(2));
  EXPECT_LE(line.total - before, 15'000U);
}

TEST(RateLimiter, SharesTheRateEvenlyAndStarvesNobody) {
  Line line(1'000'000);
  line.begin(8);
  line.run(10s);
  EXPECT_LT(line.total, 10'500'000U);
  for (const auto& [transfer, octets] : line.received) {
    EXPECT_GT(octets, 1'150'000U);
    EXPECT_LT(octets, 1'350'000U);
  }
}

TEST(RateLimiter, SmallFilesArePaidForAlthoughEachOfThemEndsSoon) {
  Line line(10'000);
  std::map<TransferId, std::uint64_t> left;  // of the body
  std::uint64_t octets = 0;
  const auto take = [&](TransferId transfer) {
    const std::uint64_t taken = line.limiter.take(transfer, Priority::normal, left[transfer], line.now);
    octets += taken;
    left[transfer] -= taken;
    if (left[transfer] == 0) line.limiter.ended(transfer, line.now);
    return left[transfer] == 0;
  };
  std::uint64_t last = 0;
  const auto ask = [&] {
    do {
      left[TransferId{++last}] = 1024;
      line.limiter.came(TransferId{last}, Priority::normal, 300);
      octets += 300;
    } while (take(TransferId{last}));
  };
  for (int i = 0; i < 16; ++i) ask();
  const std::uint64_t ahead = octets;
  const BootTime end = line.now + 20s;
  while (line.limiter.next() <= end) {
    line.now = std::max(line.now, line.limiter.next());
    for (const TransferId transfer : line.limiter.due(line.now))
      if (take(transfer)) ask();
  }
  EXPECT_LT(ahead, 16 * 300 + 1'000U) << "heads alone";
  EXPECT_LT(octets, 20.5 * 10'000);
  EXPECT_GT(octets, 19.5 * 10'000);
}

TEST(RateLimiter, AnotherRateHoldsAtOnceInBothDirections) {
  Line line(10'000'000);
  line.begin(2);
  line.run(5s);
  line.limiter.set(normal(10'000), line.now);
  std::uint64_t before = line.total;
  line.run(10s);
  EXPECT_LT(line.total - before, 105'000U) << "pieces of the higher rate are not kept";
  EXPECT_GT(line.total - before, 90'000U);
  line.limiter.set(normal(1'000'000), line.now);
  before = line.total;
  line.run(10s);
  EXPECT_GT(line.total - before, 9'500'000U) << "debts of the lower rate take no longer than they are worth";
}

// What was granted at the rate before is not brought along: at 20 kB a second it would be half a minute's worth.
TEST(RateLimiter, ALowerRateLeavesAPieceOfItsOwnOfWhatWasGrantedBefore) {
  Line line(10'000'000);
  EXPECT_EQ(line.limiter.take(TransferId(1), Priority::normal, 1000, line.now), 1000U);
  line.limiter.set(normal(20'000), line.now);
  EXPECT_EQ(line.limiter.take(TransferId(1), Priority::normal, 400'000, line.now), 1000U) << "a twentieth of a second";
}

TEST(RateLimiter, ALimitThatIsLiftedFreesAllAtOnce) {
  Line line(1'000);
  line.begin(5);
  EXPECT_TRUE(line.limiter.due(line.now).empty());
  line.limiter.set({}, line.now);
  EXPECT_LE(line.limiter.next(), line.now);
  EXPECT_EQ(line.limiter.due(line.now).size(), 5U);
  EXPECT_EQ(line.limiter.take(TransferId(1), Priority::normal, 1U << 30, line.now), 1U << 30);
}

TEST(RateLimiter, WithoutAnyBandwidthNobodyIsEverDue) {
  Line line(0);
  line.begin(1);
  EXPECT_EQ(line.total, 0U);
  EXPECT_EQ(line.limiter.next(), base::never);
  EXPECT_TRUE(line.limiter.due(line.now + 24h).empty());
}

TEST(RateLimiter, ForegroundAndOtherPrioritiesAreNotConcerned) {
  Line line(1'000);
  EXPECT_EQ(line.limiter.take(TransferId(1), Priority::foreground, 1U << 30, line.now), 1U << 30);
  EXPECT_EQ(line.limiter.take(TransferId(2), Priority::high, 1U << 30, line.now), 1U << 30);
  EXPECT_LT(line.limiter.take(TransferId(3), Priority::normal, 1U << 30, line.now), 2'000U);
}

TEST(RateLimiter, WhoLeavesTheLineIsNotNamed) {
  Line line(10'000);
  line.begin(3);
  line.limiter.ended(TransferId(2), line.now);
  std::set<TransferId> named;
  for (int i = 0; i < 100; ++i) {
    line.now += 100ms;
    for (const TransferId transfer : line.limiter.due(line.now)) {
      named.insert(transfer);
      line.offer(transfer);
    }
  }
  EXPECT_EQ(named, (std::set{TransferId(1), TransferId(3)}));
}

TEST(RateLimits, AreTheTightestOfWhatTheMachineAndTheUserSay) {
  std::array<Bandwidth, 2> all;
  all[0].limit = 1000;  // from 8 to 17
  all[0].where = "machine:1";
  all[1].work = WeeklyHours{};  // always
  all[1].at_work.kilobits = {std::nullopt, 400U, 0U};
  const base::WallTime nine{9h};
  const base::WallTime night{20h};
  EXPECT_EQ(rate_limits(all, nine), (RateLimits{{125'000U, 50'000U, 0U}}));
  EXPECT_EQ(rate_limits(all, night), (RateLimits{{std::nullopt, 50'000U, 0U}}));
  EXPECT_EQ(bandwidth_at(all, Priority::high, nine).where, "machine:1");
}

}  // namespace
}  // namespace backhaul::core
