// SPDX-License-Identifier: Apache-2.0
#include "swarm/tenancy.h"

#include <gtest/gtest.h>

namespace backhaul::swarmd {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

constexpr base::BootTime start{1000s};

Tenancy tenancy(std::uint64_t room = 100) { return Tenancy({.room = room, .seeding = 1h}, start); }

TEST(TenancyTest, ItIsOverWhenNobodyCameForAMinute) {
  const Tenancy empty = tenancy();
  EXPECT_EQ(empty.next(), start + 1min);
  EXPECT_FALSE(empty.is_over(start + 59s));
  EXPECT_TRUE(empty.is_over(start + 1min));
}

TEST(TenancyTest, AReaderKeepsItForAsLongAsItReads) {
  Tenancy one = tenancy();
  EXPECT_EQ(one.join("a", 10), Ids{});
  EXPECT_EQ(one.next(), base::never);
  one.completed("a", start + 5s);
  EXPECT_TRUE(one.due(start + 48h).empty());
  EXPECT_FALSE(one.is_over(start + 48h));
}

TEST(TenancyTest, AWholeFileIsSeededAndOneThatIsNotWaitsAMinute) {
  Tenancy one = tenancy();
  EXPECT_EQ(one.join("part", 10), Ids{});
  EXPECT_EQ(one.join("whole", 10), Ids{});
  EXPECT_TRUE(one.fetches());
  one.completed("whole", start + 1s);
  one.leave("part", start + 10s);
  one.leave("whole", start + 10s);
  EXPECT_EQ(one.next(), start + 70s);
  EXPECT_EQ(one.due(start + 70s), Ids{"part"});
  one.remove("part", start + 70s);
  EXPECT_FALSE(one.fetches());
  EXPECT_EQ(one.next(), start + 10s + 1h);
  EXPECT_EQ(one.due(start + 10s + 1h), Ids{"whole"});
  one.remove("whole", start + 10s + 1h);
  EXPECT_EQ(one.next(), start + 70s + 1h);
}

TEST(TenancyTest, WhoeverComesBackInTimeFindsIt) {
  Tenancy one = tenancy();
  EXPECT_EQ(one.join("a", 10), Ids{});
  one.leave("a", start);
  EXPECT_EQ(one.join("a", 10), Ids{});
  EXPECT_TRUE(one.due(start + 2min).empty());
  EXPECT_EQ(one.readers("a"), 1U);
}

TEST(TenancyTest, EveryReaderHasToLeave) {
  Tenancy one = tenancy();
  EXPECT_EQ(one.join("a", 10), Ids{});
  EXPECT_EQ(one.join("a", 10), Ids{});
  one.leave("a", start);
  EXPECT_EQ(one.next(), base::never);
  one.leave("a", start + 1s);
  one.leave("a", start + 30s);  // once too often: that is no reader
  EXPECT_EQ(one.next(), start + 61s);
}

TEST(TenancyTest, RoomIsMadeByThoseThatWereLeftFirstAndNeverByOnesInUse) {
  Tenancy one = tenancy();
  EXPECT_EQ(one.join("used", 40), Ids{});
  EXPECT_EQ(one.join("later", 30), Ids{});
  EXPECT_EQ(one.join("first", 30), Ids{});
  one.leave("first", start + 1s);
  one.leave("later", start + 2s);
  EXPECT_EQ(one.join("new", 20), Ids{"first"});
  EXPECT_FALSE(one.has("first"));
  EXPECT_TRUE(one.has("later"));
  EXPECT_EQ(one.join("large", 70), std::nullopt);  // "used" and "new" stay
  EXPECT_TRUE(one.has("later"));
  EXPECT_EQ(one.join("other", 40), Ids{"later"});
}

TEST(TenancyTest, WhatIsLargerThanTheRoomIsNotTaken) {
  Tenancy one = tenancy(10);
  EXPECT_EQ(one.join("a", 11), std::nullopt);
  EXPECT_EQ(one.join("a", UINT64_MAX), std::nullopt);
  EXPECT_EQ(one.join("a", 10), Ids{});
}

}  // namespace
}  // namespace backhaul::swarmd
