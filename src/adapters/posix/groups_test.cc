// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/groups.h"

#include <gtest/gtest.h>

#include <string>

namespace backhaul::posix {
namespace {

using Place = MountThreads::Place;

// Remembers what began, as "2 4" for a group of the second and the fourth.
class Groups : public testing::Test {
 protected:
  posix::Groups<int> groups(GroupLimits limits) {
    return {limits,
            [this](const Place& place, const std::vector<int>& items) {
              std::string text;
              for (const int item : items) text += (text.empty() ? "" : " ") + std::to_string(item);
              begun_.push_back(place.mount + text);
            },
            [](const int& item) { return static_cast<std::size_t>(item); }};
  }

  const Place here_{{1000, {}}, {}};
  const Place there_{{1000, {}}, "/net:"};
  std::vector<std::string> begun_;
};

TEST_F(Groups, WhatComesInOneGoBeginsTogetherAndNobodyWaitsForCompany) {
  auto groups = this->groups({.at_once = 3, .most = 100});
  groups.begin();
  for (const int item : {1, 2}) groups.add(here_, item);
  groups.begin();
  groups.add(here_, 3);
  groups.begin();
  groups.begin();
  EXPECT_EQ(begun_, (std::vector<std::string>{"1 2", "3"}));
}

TEST_F(Groups, WhatComesMeanwhileBeginsTogetherAndInItsOrder) {
  auto groups = this->groups({.at_once = 1, .most = 100});
  for (const int item : {1, 2, 3}) {
    groups.add(here_, item);
    groups.begin();
  }
  EXPECT_EQ(begun_, (std::vector<std::string>{"1"}));
  groups.ended(here_);
  EXPECT_EQ(begun_, (std::vector<std::string>{"1", "2 3"}));
  groups.add(here_, 4);
  groups.ended(here_);
  groups.ended(here_);
  groups.add(here_, 5);
  groups.begin();
  EXPECT_EQ(begun_, (std::vector<std::string>{"1", "2 3", "4", "5"}));
}

TEST_F(Groups, AGroupIsNoHeavierThanItMayBeUnlessItIsOneAlone) {
  auto groups = this->groups({.at_once = 1, .most = 5});
  for (const int item : {1, 2, 3, 4, 9, 1}) groups.add(here_, item);
  groups.begin();
  for (int i = 0; i < 4; ++i) groups.ended(here_);
  EXPECT_EQ(begun_, (std::vector<std::string>{"1 2", "3", "4", "9", "1"}));
}

TEST_F(Groups, NoPlaceWaitsForAnother) {
  auto groups = this->groups({.at_once = 1, .most = 1});
  for (const int item : {1, 2}) groups.add(there_, item);
  groups.add(here_, 3);
  groups.begin();
  EXPECT_EQ(begun_, (std::vector<std::string>{"3", "/net:1"}));
  groups.ended(here_);
  EXPECT_EQ(begun_.size(), 2U);
}

}  // namespace
}  // namespace backhaul::posix
