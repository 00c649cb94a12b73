// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/account.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <vector>

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
  account.waits();
  EXPECT_TRUE(account.has_room_to_wait());
  account.waits();
  EXPECT_FALSE(account.has_room_to_wait());
  account.waits_no_more();
  EXPECT_TRUE(account.has_room_to_wait());
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

// Clients of one user, each of which has as many calls open, and lets as many wait, as it may.
class ClientsOfAUser : public testing::Test {
 protected:
  struct Has {
    std::size_t calls = 0;
    std::size_t waiting = 0;
    bool operator==(const Has&) const = default;
  };
  static Has fill(Account& account) {
    Has has;
    for (; account.may_begin(false); ++has.calls) account.begun(false);
    for (; account.has_room_to_wait(); ++has.waiting) account.waits();
    return has;
  }
  Account& add(const std::shared_ptr<UserAccount>& user) {
    accounts_.push_back(std::make_unique<Account>(few));
    accounts_.back()->belongs_to(user);
    return *accounts_.back();
  }

  static constexpr AccountLimits few{.calls = 4, .waiting = 6, .unread = 1000, .of_user = 2};
  const std::shared_ptr<UserAccount> user_ = std::make_shared<UserAccount>();
  std::vector<std::unique_ptr<Account>> accounts_;
};

TEST_F(ClientsOfAUser, HaveTogetherAsMuchAsAFewAndEachItsShare) {
  EXPECT_EQ(fill(add(user_)), (Has{4, 6}));
  EXPECT_EQ(fill(add(user_)), (Has{4, 6})) << "two are few";
  EXPECT_EQ(fill(add(user_)), (Has{2, 4}));
  EXPECT_EQ(fill(add(user_)), (Has{2, 3}));
  for (int i = 0; i < 50; ++i) fill(add(user_));
  EXPECT_EQ(fill(add(user_)), (Has{1, 1})) << "nobody waits because of others";
  EXPECT_EQ(fill(add(std::make_shared<UserAccount>())), (Has{4, 6})) << "another user";
}

TEST_F(ClientsOfAUser, WhoHasMoreThanItsShareBeginsNothingUntilTheOthersLeaveIt) {
  Account& first = add(user_);
  Account& second = add(user_);
  Account& third = add(user_);
  for (Account* each : {&first, &second, &third}) fill(*each);
  first.ended(false, 0);
  EXPECT_FALSE(first.may_begin(false)) << "it has 3, of 9 that there are";
  for (int i = 0; i < 2; ++i) third.ended(false, 0);
  EXPECT_TRUE(first.may_begin(false));
  third.waits_no_more(4);
  EXPECT_EQ(user_->busy, 2U);
  EXPECT_EQ(user_->calls, 7U);
  EXPECT_EQ(user_->waiting, 12U);
}

TEST_F(ClientsOfAUser, OneWhoseUserIsLearnedLateBringsWhatItHas) {
  Account account(few);
  fill(account);
  account.belongs_to(user_);
  EXPECT_EQ(user_->calls, 4U);
  EXPECT_EQ(user_->waiting, 6U);
  EXPECT_EQ(user_->busy, 1U);
}

}  // namespace
}  // namespace backhaul::dbus
