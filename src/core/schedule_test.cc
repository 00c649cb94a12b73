// SPDX-License-Identifier: Apache-2.0
#include "core/schedule.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;
using base::BootTime;
using base::Priority;

constexpr std::array background{Priority::high, Priority::normal, Priority::low};

TurnDecision decide(std::optional<Priority> holder, std::optional<Priority> candidate,
                    base::Microseconds held) {
  const BootTime now = BootTime{} + 1h;
  std::optional<TurnHolder> turn;
  if (holder) turn = TurnHolder{.priority = *holder, .slice_began = now - held};
  return decide_turn(turn, candidate, now, 60s);
}

TEST(Schedule, AFreeTurnIsGivenToWhoeverWaits) {
  EXPECT_EQ(decide({}, {}, 0s), TurnDecision::keep);
  for (const Priority candidate : background)
    EXPECT_EQ(decide({}, candidate, 0s), TurnDecision::give);
}

TEST(Schedule, AHigherLevelPreemptsAtOnceAndALowerOneNever) {
  for (const Priority holder : background)
    for (const Priority candidate : background) {
      if (candidate < holder) {
        EXPECT_EQ(decide(holder, candidate, 0s), TurnDecision::preempt);
      }
      if (candidate > holder) {
        EXPECT_EQ(decide(holder, candidate, 24h), TurnDecision::keep);
      }
    }
}

TEST(Schedule, ASliceEndsOnlyForAnotherOfTheSameLevel) {
  for (const Priority level : background) {
    EXPECT_EQ(decide(level, level, 60s - 1us), TurnDecision::keep);
    EXPECT_EQ(decide(level, level, 60s), TurnDecision::preempt);
    EXPECT_EQ(decide(level, {}, 24h), TurnDecision::keep);
  }
}

TEST(Schedule, AServerIsSharedEvenlyAndNobodyIsLeftWithout) {
  EXPECT_TRUE(may_connect({.jobs = 1, .connections = 15}, 15, 16)) << "alone it may have all";
  EXPECT_FALSE(may_connect({.jobs = 1, .connections = 16}, 16, 16));
  EXPECT_FALSE(may_connect({.jobs = 2, .connections = 8}, 8, 16)) << "the other half is not its own";
  EXPECT_TRUE(may_connect({.jobs = 2, .connections = 8}, 0, 16));
  EXPECT_FALSE(may_connect({.jobs = 2, .connections = 16}, 0, 16)) << "it waits until one is closed";
  EXPECT_TRUE(may_connect({.jobs = 3, .connections = 0}, 0, 2)) << "more jobs than connections";
  EXPECT_FALSE(may_connect({.jobs = 3, .connections = 1}, 1, 2));
}

TEST(Schedule, WhereManyMayBeginTheFirstDoesAtOnceAndTheOthersAMomentApart) {
  BootTime now = BootTime{} + 1h;
  Spread spread{.next = now};
  for (const std::uint64_t drawn : {0UL, 1UL, 200'000UL, 200'001UL, UINT64_MAX}) {
    EXPECT_EQ(spread.room(now), 1U);
    spread.began(now, drawn);
    EXPECT_EQ(spread.room(now), 0U);
    EXPECT_GE(spread.next, now + Spread::least_gap);
    EXPECT_LE(spread.next, now + Spread::most_gap);
    now = spread.next;
  }
  EXPECT_FALSE(spread.is_over(now + Spread::lasts - 1us)) << "some may still wait for a place";
  EXPECT_TRUE(spread.is_over(now + Spread::lasts));
}

TEST(Schedule, OnlySmallFilesAreFetchedAhead) {
  EXPECT_EQ(fetch_ahead(UINT64_MAX).in_flight, 1U);
  EXPECT_EQ(fetch_ahead((1U << 20) + 1).in_flight, 1U);
  EXPECT_EQ(fetch_ahead(1U << 20).in_flight, 16U);
  EXPECT_EQ(fetch_ahead((1U << 20) + 1).opened, 0U);
  EXPECT_EQ(fetch_ahead(1U << 20).opened, 16U);
}

}  // namespace
}  // namespace backhaul::core
