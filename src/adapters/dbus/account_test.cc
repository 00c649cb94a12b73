// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/account.h"

#include <gtest/gtest.h>

namespace backhaul::dbus {
namespace {

constexpr AccountLimits limits{.calls = 3, .waiting = 2, .unread = 1000};

TEST(Account, SoManyCallsAreOpenAndNoMore) {
  Account account(limits);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(account.may_begin(false));
    account.begun(false);
  }
  EXPECT_FALSE(account.may_begin(false));
  account.ended(false, 1);
  EXPECT_TRUE(account.may_begin(false));
  EXPECT_TRUE(account.has_room_to_wait(1));
  EXPECT_FALSE(account.has_room_to_wait(2));
}

TEST(Account, OnePageAtATimeAndOtherCallsBesideIt) {
  Account account(limits);
  account.begun(true);
  EXPECT_FALSE(account.may_begin(true));
  EXPECT_TRUE(account.may_begin(false));
  account.ended(true, 1);
  EXPECT_TRUE(account.may_begin(true));
  EXPECT_TRUE(account.idle());
}

TEST(Account, WhoMayNotHaveReadWaitsUntilItShowsThatItDoes) {
  Account account(limits);
  account.charge(999);
  EXPECT_FALSE(account.owes());
  account.charge(1);
  EXPECT_TRUE(account.owes());
  EXPECT_FALSE(account.may_begin(false));
  EXPECT_FALSE(account.is_deaf());
  account.has_read_all();
  EXPECT_TRUE(account.may_begin(false));
  account.charge(2000);
  EXPECT_TRUE(account.is_deaf());
}

TEST(Account, APingProvesWhatWentOutBeforeIt) {
  Account account(limits);
  account.charge(499);
  EXPECT_FALSE(account.ping_wanted());
  account.charge(1);
  EXPECT_TRUE(account.ping_wanted());
  account.pinged();
  EXPECT_FALSE(account.ping_wanted());  // one at a time
  account.charge(600);
  EXPECT_TRUE(account.owes());
  account.ping_answered();
  EXPECT_FALSE(account.owes());
  EXPECT_TRUE(account.ping_wanted());  // for the 600
  account.has_read_all();
  account.charge(500);
  account.pinged();
  account.ping_lost();
  EXPECT_TRUE(account.ping_wanted());
}

TEST(Account, ALatePingTakesNothingBack) {
  Account account(limits);
  account.charge(500);
  account.pinged();
  account.charge(400);
  account.has_read_all();
  account.ping_answered();
  account.charge(999);
  EXPECT_FALSE(account.owes());
}

}  // namespace
}  // namespace backhaul::dbus
