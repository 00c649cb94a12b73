// SPDX-License-Identifier: Apache-2.0
#include "cli/cache_wish.h"

#include <gtest/gtest.h>

#include <vector>

namespace backhaul::cli {
namespace {

std::string what_is_wrong_with(const std::string& assignment) {
  const auto wish = parse_cache_wish(std::vector{assignment});
  return wish ? "" : wish.error();
}

TEST(CacheWish, SizeAgeAndUseAreEachAKey) {
  const auto wish = parse_cache_wish(std::vector<std::string>{"limit=5%", "max-age=90d", "peer-caching=client,server"});
  ASSERT_TRUE(wish) << wish.error();
  EXPECT_EQ(wish->limit, 5U);
  EXPECT_EQ(wish->max_age, 7'776'000U);
  EXPECT_EQ(wish->flags, 3U);
  const auto other = parse_cache_wish(std::vector<std::string>{"limit=80", "peer-caching=none"});
  ASSERT_TRUE(other) << other.error();
  EXPECT_EQ(other->limit, 80U);
  EXPECT_EQ(other->flags, 0U);
  EXPECT_FALSE(other->max_age);
}

TEST(CacheWish, WhatIsWrongIsNamedWithItsKey) {
  EXPECT_EQ(what_is_wrong_with("limit=much"), "\"much\" is not a share of the disk like 5% (limit)");
  EXPECT_EQ(what_is_wrong_with("max-age=old"), "\"old\" is not a time like 90d (max-age)");
  EXPECT_EQ(what_is_wrong_with("peer-caching=client,all"),
            "\"all\" is not one of client, server and none (peer-caching)");
  EXPECT_EQ(what_is_wrong_with("peer-caching=no-branch-cache"),
            "\"no-branch-cache\" is not one of client, server and none (peer-caching)");
  EXPECT_EQ(what_is_wrong_with("peer-caching=7"), "\"7\" is not one of client, server and none (peer-caching)");
  EXPECT_EQ(what_is_wrong_with("peer-caching="), "\"\" is not one of client, server and none (peer-caching)");
  EXPECT_EQ(what_is_wrong_with("5"), "\"5\" is not KEY=VALUE, such as limit=5%");
  EXPECT_EQ(what_is_wrong_with("size=5"), "there is no key \"size\": limit, max-age and peer-caching are known");
}

}  // namespace
}  // namespace backhaul::cli
