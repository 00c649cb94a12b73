// SPDX-License-Identifier: Apache-2.0
#include "core/rare.h"

#include <gtest/gtest.h>

#include <string>

#include "core/job.h"

namespace backhaul::core {
namespace {

TEST(Rare, IsAValueThatMayBeMissing) {
  const Rare<int> none;
  Rare<int> one(1);
  EXPECT_FALSE(none);
  EXPECT_EQ(none, Rare<int>());
  EXPECT_NE(none, one);
  const Rare<int> copy = one;
  EXPECT_EQ(copy, one);
  *one = 2;
  EXPECT_EQ(*copy, 1) << "a copy is a value of its own";
  EXPECT_NE(copy, one);
  one = none;
  EXPECT_FALSE(one);
  EXPECT_EQ(sizeof(Rare<std::string>), sizeof(void*));
}

struct Pair {
  std::string first = "usual";
  int second = 7;

  bool operator==(const Pair&) const = default;
};

TEST(Seldom, CostsAPointerUntilAMemberIsOtherThanUsual) {
  Seldom<Pair> pair;
  EXPECT_EQ(sizeof pair, sizeof(void*));
  pair.set(&Pair::second, 7);
  EXPECT_FALSE(pair) << "it is as usual";
  pair.set(&Pair::second, 8);
  EXPECT_TRUE(pair);
  EXPECT_EQ(pair->first, "usual");
  EXPECT_EQ(pair->second, 8);
  const Seldom<Pair> copy = pair;
  pair.set(&Pair::first, "other");
  EXPECT_EQ(copy->first, "usual");
  EXPECT_FALSE(copy == pair);
  pair.set(&Pair::second, 7);
  EXPECT_TRUE(pair) << "the other member is not";
  pair.set(&Pair::first, "usual");
  EXPECT_FALSE(pair);
  EXPECT_EQ(pair, Pair());
}

// A hundred thousand of each are kept in memory: what few of them have belongs into their `rare`, and a
// setting that is seldom other than usual is a BACKHAUL_RARE_JOB_SETTING.
TEST(LeanRows, NoJobAndNoFileIsLargerThanItHasToBe) {
  EXPECT_LE(sizeof(Job), 320U);
  EXPECT_LE(sizeof(File), 192U);
}

TEST(LeanRows, ANewJobHasNothingRare) {
  EXPECT_FALSE(Job().rare);
  EXPECT_FALSE(File().rare);
}

}  // namespace
}  // namespace backhaul::core
