// SPDX-License-Identifier: Apache-2.0
#include "core/account.h"

#include <gtest/gtest.h>

#include "core/admission.h"

namespace backhaul::core {
namespace {

const Account ann{1001, "ann"};

TEST(Account, IsWhoseNameHasItsNumber) {
  EXPECT_FALSE(stray(ann, {.number = 1001, .name = "ann"}));
  EXPECT_FALSE(stray(ann, {.number = 1001, .name = "anna"}));  // a second name of the same account
}

TEST(Account, IsNobodyElsesWhoHasItsNameOrItsNumberNow) {
  EXPECT_EQ(stray(ann, {}), "the account ann (user 1001) is not there any more");
  EXPECT_EQ(stray(ann, {.number = {}, .name = "ben"}), "user 1001 is ben now, and was ann");
  EXPECT_EQ(stray(ann, {.number = 1007, .name = {}}), "the name ann belongs to user 1007 now, and was that of user 1001");
  EXPECT_TRUE(stray(ann, {.number = 1007, .name = "ben"}));
}

TEST(Account, WhoeverHasTheNumberOfAnOwnerWithoutTheNameIsSomebodyElse) {
  const Owner job{1001, {}, "ann"};
  EXPECT_TRUE(may_touch(job, {1001, {}, "ann"}));
  EXPECT_TRUE(may_touch(job, {1001}));  // a service of one user asks for no names
  EXPECT_TRUE(may_touch(job, {0, {}, {}}));
  EXPECT_FALSE(may_touch(job, {1001, {}, "ben"}));
  EXPECT_FALSE(may_read(job, {1001, {}, "ben"}, std::nullopt));
  EXPECT_FALSE(may_touch_secrets(job, {1001, {}, "ben"}));
  EXPECT_FALSE(is_watched({0, {}, "root"}));
  EXPECT_FALSE(is_watched({1001}));
  EXPECT_TRUE(is_watched(job));
}

TEST(Account, AUnitIsKnownByItsNameWhateverItsNumber) {
  const Account unit{61234, on_record("mirror", true)};
  EXPECT_TRUE(is_unit(unit));
  EXPECT_FALSE(is_unit({61234, "mirror"}));
  EXPECT_EQ(plain_name(unit.name), "mirror");
  EXPECT_EQ(plain_name("ann"), "ann");
  EXPECT_FALSE(stray(unit, {.number = 61234, .name = "mirror", .of_unit = true}));
  EXPECT_FALSE(stray(unit, {.number = 62000, .name = {}, .of_unit = true}));
  EXPECT_EQ(moved_to(unit, {.number = 62000, .name = {}, .of_unit = true}), 62000U);
  EXPECT_FALSE(moved_to(unit, {.number = 61234, .name = "mirror", .of_unit = true}));
  EXPECT_FALSE(moved_to(ann, {.number = 62000, .name = {}, .of_unit = true})) << "no unit has what was a person's";
}

TEST(Account, AUnitThatDoesNotRunIsNobodyElse) {
  const Account unit{61234, on_record("mirror", true)};
  EXPECT_EQ(stray(unit, {}), "the unit mirror does not run");
  EXPECT_EQ(stray(unit, {.number = {}, .name = "other"}), "the unit mirror does not run");
  EXPECT_TRUE(stray(unit, {.number = 61234, .name = "mirror"})) << "an account of that name is no unit";
  EXPECT_TRUE(stray({61234, "mirror"}, {.number = 61234, .name = "mirror", .of_unit = true}));
  EXPECT_FALSE(may_touch({61234, {}, unit.name}, {61234, {}, "mirror"}));
}

TEST(Account, WhatIsCountedForAnOwnerIsCountedByTheNumber) {
  EXPECT_EQ((Owner{1001, "flatpak/x", "ann"}), (Owner{1001, "flatpak/x"}));
  EXPECT_NE((Owner{1001, "flatpak/x", "ann"}), (Owner{1001, {}, "ann"}));
  EXPECT_LT((Owner{1001, {}, "zoe"}), (Owner{1002, {}, "ann"}));
}

}  // namespace
}  // namespace backhaul::core
