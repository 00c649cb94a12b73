// SPDX-License-Identifier: Apache-2.0
#include "engine/by_order.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>

#include "base/random.h"

namespace backhaul::engine {
namespace {

using Map = std::map<std::uint64_t, base::JobId>;

base::JobId id_of(std::uint64_t order) {
  base::JobId id;
  for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(order >>= 1);
  return id;
}

void expect_same(const ByOrder& jobs, const Map& as) {
  ASSERT_EQ(jobs.size(), as.size());
  EXPECT_EQ(jobs.empty(), as.empty());
  auto expected = as.begin();
  for (const auto& [order, id] : jobs) {
    ASSERT_EQ(order, expected->first);
    ASSERT_EQ(id, expected->second);
    ++expected;
  }
  EXPECT_EQ(expected, as.end());
}

TEST(ByOrder, IsAMapWhateverIsAddedAndRemoved) {
  base::Prng draw(7);
  for (const std::uint64_t orders : {1U, 3U, 200U, 1000U, 100'000U}) {
    ByOrder jobs;
    Map map;
    for (int turn = 0; turn < 4000; ++turn) {
      const std::uint64_t order = draw.below(orders);
      if (draw.below(3) != 0) {
        jobs.emplace(order, id_of(order));
        map.emplace(order, id_of(order));
      } else {
        jobs.erase(order);
        map.erase(order);
      }
      const std::uint64_t asked = draw.below(orders + 1);
      ASSERT_EQ(jobs.contains(asked), map.contains(asked));
      const auto found = jobs.lower_bound(asked);
      const auto expected = map.lower_bound(asked);
      ASSERT_EQ(found == jobs.end(), expected == map.end());
      if (expected != map.end()) { ASSERT_EQ(found->first, expected->first); }
    }
    expect_same(jobs, map);
    while (!map.empty()) {
      jobs.erase(map.begin()->first);
      map.erase(map.begin());
    }
    expect_same(jobs, map);
  }
}

TEST(ByOrder, IsTheSameHoweverItCameAbout) {
  ByOrder up, down;
  for (std::uint64_t order = 0; order < 1000; ++order) up.emplace(order, id_of(order));
  for (std::uint64_t order = 1000; order-- > 0;) down.emplace(order, id_of(order));
  EXPECT_EQ(up, down);
  up.emplace(5, id_of(6));
  EXPECT_EQ(up, down) << "one that is there stays as it is";
  down.erase(5);
  EXPECT_NE(up, down);
}

}  // namespace
}  // namespace backhaul::engine
