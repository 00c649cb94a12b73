// SPDX-License-Identifier: Apache-2.0
#include "engine/owners.h"

#include <gtest/gtest.h>

namespace backhaul::engine {
namespace {

using Orders = std::vector<std::uint64_t>;

const core::Owner ann{1000, {}};
const core::Owner player{1000, "flatpak/org.example.Player"};
const core::Owner bea{1001, {}};

Orders orders(Owners::InOrder list) {
  Orders found;
  for (const auto& [order, id] : list) found.push_back(order);
  return found;
}

class OwnersTest : public ::testing::Test {
 protected:
  OwnersTest() {
    std::uint64_t order = 0;
    for (const core::Owner& owner : {ann, player, bea, player, ann, bea})
      owners_.add(owner, ++order, {});
  }
  Owners owners_;
};

TEST_F(OwnersTest, EachIsListedInTheOrderInWhichTheJobsWereMade) {
  EXPECT_EQ(orders(owners_.all()), (Orders{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(orders(owners_.of(player)), (Orders{2, 4}));
  EXPECT_EQ(orders(owners_.of(bea)), (Orders{3, 6}));
  EXPECT_EQ(orders(owners_.of({1000, "flatpak/org.example.Other"})), Orders{});
}

TEST_F(OwnersTest, TheUserHasTheJobsOfTheApplicationsToo) {
  EXPECT_EQ(orders(owners_.of_account(1000)), (Orders{1, 2, 4, 5}));
  EXPECT_EQ(core::sum_of(owners_.counts(), {1000, {}}), 4U);
  EXPECT_EQ(core::sum_of(owners_.counts(), {1001, {}}), 2U);
  EXPECT_EQ(core::sum_of(owners_.counts(), {999, {}}), 0U);
}

TEST_F(OwnersTest, AListBeginsWhereOneLeftOff) {
  EXPECT_EQ(orders(owners_.all(4)), (Orders{4, 5, 6}));
  EXPECT_EQ(orders(owners_.of_account(1000, 3)), (Orders{4, 5}));
  EXPECT_EQ(orders(owners_.of(player, 5)), Orders{});
}

TEST_F(OwnersTest, WhatIsRemovedIsListedAndCountedNoMore) {
  owners_.remove(player, 2);
  EXPECT_TRUE(owners_.contains(4));
  owners_.remove(player, 4);
  EXPECT_FALSE(owners_.contains(4));
  EXPECT_EQ(orders(owners_.all()), (Orders{1, 3, 5, 6}));
  EXPECT_EQ(core::sum_of(owners_.counts(), {1000, {}}), 2U);
  owners_.remove(ann, 1);
  owners_.remove(ann, 5);
  EXPECT_FALSE(owners_.counts().contains({1000, {}}));
}

TEST_F(OwnersTest, OctetsAreSummedForTheAccountAndForgottenWithTheLast) {
  owners_.grow(ann, 100);
  owners_.grow(player, 20);
  owners_.grow(bea, 3);
  EXPECT_EQ(core::sum_of(owners_.octets(), {1000, {}}), 120U);
  owners_.shrink(ann, 100);
  EXPECT_EQ(core::sum_of(owners_.octets(), {1000, {}}), 20U);
  owners_.shrink(player, 20);
  EXPECT_FALSE(owners_.octets().contains({1000, {}}));
  EXPECT_EQ(core::sum_of(owners_.octets(), {1001, {}}), 3U);
}

TEST_F(OwnersTest, WhoHasTheNumberNowIsNotCountedWhatTheOneBeforeHas) {
  owners_.add({1002, {}, "carl"}, 7, {});
  owners_.add({1002, "flatpak/org.example.Player", "carl"}, 8, {});
  owners_.add({1002, {}, "dora"}, 9, {});
  EXPECT_EQ(core::sum_of(owners_.counts(), {1002, "carl"}), 2U);
  EXPECT_EQ(core::sum_of(owners_.counts(), {1002, "dora"}), 1U);
  EXPECT_EQ(core::sum_of(owners_.counts(), {1002, {}}), 3U);
  owners_.add({1002, {}, {}}, 10, {});
  EXPECT_EQ(core::sum_of(owners_.counts(), {1002, "dora"}), 2U) << "that one is known by the number alone";
}

}  // namespace
}  // namespace backhaul::engine
