// SPDX-License-Identifier: Apache-2.0
#include "core/fair_share.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "base/random.h"
#include "core/schedule.h"
#include "core/turns.h"

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;
using base::BootTime;
using base::JobId;
using Numbers = std::map<std::uint32_t, std::uint32_t>;  // of each owner

// The nth one, by its id as well, began after those before it.
HeldTurn turn(std::uint32_t owner, std::uint8_t number) {
  JobId id;
  id.bytes[15] = number;
  return {.job = id, .owner = owner, .began = BootTime{} + number * 1s, .order = number};
}

std::vector<HeldTurn> turns(const Numbers& held) {
  std::vector<HeldTurn> all;
  for (const auto& [owner, count] : held)
    for (std::uint32_t i = 0; i < count; ++i) all.push_back(turn(owner, static_cast<std::uint8_t>(all.size())));
  return all;
}

SharedLimit limit(std::uint32_t most, const Numbers& held) {
  SharedLimit shared(most);
  for (const auto& [owner, count] : held) {
    shared.wanted_by(owner);
    for (std::uint32_t i = 0; i < count; ++i) shared.taken_by(owner);
  }
  return shared;
}

Numbers ended(std::uint32_t most, const Numbers& held) {
  const std::vector<HeldTurn> all = turns(held);
  Numbers counts;
  for (const JobId& id : making_way(limit(most, held), all)) ++counts[std::ranges::find(all, id, &HeldTurn::job)->owner];
  return counts;
}

TEST(FairShare, IsTheLimitDividedByThoseWhoWantSomeOfIt) {
  EXPECT_EQ(limit(32, {}).share(), 32U);
  EXPECT_EQ(limit(32, {{1, 32}}).share(), 32U);
  EXPECT_EQ(limit(32, {{1, 32}, {2, 0}}).share(), 16U);
  EXPECT_EQ(limit(32, {{1, 1}, {2, 0}, {3, 7}}).share(), 10U);
  EXPECT_EQ(limit(2, {{1, 1}, {2, 1}, {3, 0}}).share(), 1U) << "never less";
}

TEST(FairShare, WhoHasLessAndWhoHasMore) {
  const SharedLimit shared = limit(6, {{1, 3}, {2, 2}, {3, 1}});
  EXPECT_EQ(shared.share(), 2U);
  EXPECT_TRUE(shared.has_more(1));
  EXPECT_FALSE(shared.has_more(2));
  EXPECT_FALSE(shared.has_less(2));
  EXPECT_TRUE(shared.has_less(3));
  EXPECT_TRUE(shared.is_full());
  SharedLimit alone = limit(6, {{0, 6}});
  EXPECT_FALSE(alone.has_less(0)) << "who is alone has all";
  alone.given_back_by(0);
  EXPECT_FALSE(alone.is_full());
  EXPECT_EQ(alone.held_by(0), 5U);
}

TEST(FairShare, AsManyTurnsEndAsItTakesOfThoseWhoHaveMore) {
  struct Row {
    const char* what;
    std::uint32_t most;
    Numbers held;
    Numbers ends;
  };
  const Row rows[] = {
      {"one for one", 32, {{1, 32}, {2, 0}}, {{1, 1}}},
      {"until both have the same", 32, {{1, 17}, {2, 15}}, {{1, 1}}},
      {"and no more", 32, {{1, 16}, {2, 16}}, {}},
      {"there is room", 32, {{1, 31}, {2, 0}}, {}},
      {"nobody else wants any", 32, {{1, 32}}, {}},
      {"of who has most", 16, {{1, 6}, {2, 10}, {3, 0}}, {{2, 1}}},
      {"there are more owners than turns", 2, {{1, 1}, {2, 1}, {3, 0}}, {}},
      {"more run than may: all that is too much", 4, {{1, 6}, {2, 0}}, {{1, 3}}},
      {"likewise, of several", 4, {{1, 4}, {2, 3}, {3, 0}}, {{1, 2}, {2, 2}}},
      {"it would not be enough", 2, {{1, 2}, {2, 1}, {3, 1}, {4, 0}}, {}},
  };
  for (const Row& row : rows) EXPECT_EQ(ended(row.most, row.held), row.ends) << row.what;
}

TEST(FairShare, WhichTurnEnds) {
  const SharedLimit shared = limit(3, {{1, 3}, {2, 0}});
  const HeldTurn first = turn(1, 1);
  const HeldTurn second = turn(1, 2);
  const HeldTurn third = turn(1, 3);
  EXPECT_EQ(making_way(shared, {first, third, second}), std::vector{third.job}) << "it began last";
  HeldTurn still = first;
  still.stands_still = true;
  EXPECT_EQ(making_way(shared, {third, still, second}), std::vector{still.job}) << "nothing comes of it";
  still.all_or_nothing = true;
  EXPECT_EQ(making_way(shared, {second, still, third}), std::vector{third.job}) << "that would be for nothing";
  EXPECT_EQ(making_way(shared, {still}), std::vector{still.job}) << "there is no other";
  HeldTurn later = second;
  later.began = third.began;
  EXPECT_EQ(making_way(shared, {later, third}), std::vector{third.job}) << "of one moment the youngest job";
}

// Whoever has less begins, one after another in any order, until nobody may.
TEST(FairShare, SettlesWithAShareForEverybodyWhoWantsIt) {
  base::Prng prng(7);
  for (int round = 0; round < 300; ++round) {
    const auto most = static_cast<std::uint32_t>(1 + prng.below(40));
    Numbers held;
    Numbers wants;
    const auto owners = static_cast<std::uint32_t>(1 + prng.below(6));
    for (std::uint32_t owner = 0; owner < owners; ++owner) {
      held[owner] = 0;
      wants[owner] = static_cast<std::uint32_t>(1 + prng.below(60));
    }
    for (std::uint32_t i = 0; i < most; ++i) {
      const auto owner = static_cast<std::uint32_t>(prng.below(owners));
      if (held[owner] < wants[owner]) ++held[owner];
    }
    const auto share = limit(most, held).share();
    std::uint32_t begun = 0;
    for (bool again = true; again;) {
      again = false;
      for (const auto& [owner, want] : wants) {
        const SharedLimit shared = limit(most, held);
        if (held[owner] == want || (shared.is_full() && !shared.has_less(owner))) continue;
        const Numbers ends = ended(most, held);
        if (shared.is_full() && ends.empty()) continue;
        for (const auto& [other, count] : ends) {
          held[other] -= count;
          EXPECT_GE(held[other], share) << "nobody is left with less than his share";
        }
        ++held[owner];
        again = true;
        ASSERT_LE(++begun, 2 * most) << "no turn goes back and forth";
      }
    }
    for (const auto& [owner, want] : wants)
      EXPECT_GE(held[owner], owners <= most ? std::min(want, share) : 0U);
  }
}

TEST(Turns, ForEachThatIsOnTheLinkThreeMoreMayWaitForTheDisk) {
  EXPECT_EQ(turns_in_all(1), 4U);
  EXPECT_EQ(turns_in_all(32), 128U);
}

}  // namespace
}  // namespace backhaul::core
