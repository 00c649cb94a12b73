// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/account_watch.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <semaphore>
#include <vector>

#include "tests/support/wait_until.h"

namespace backhaul::posix {
namespace {

using namespace std::chrono_literals;

// Accounts that come and go, and one of whom nobody says anything before the end.
class AccountWatchTest : public testing::Test, public ports::Inbox {
 protected:
  // In front of the watch, which waits for its threads.
  struct AtTheEnd {
    std::counting_semaphore<>& slow;
    ~AtTheEnd() { slow.release(1'000'000); }
  };

  void post(ports::Event event) override {
    if (const auto* moved = std::get_if<ports::AccountMoved>(&event)) return moved_.push_back(*moved);
    told_.push_back(std::get<ports::AccountsChanged>(std::move(event)).stray);
  }
  AccountAnswer look(const AccountDesk::Whom& whom) {
    const auto* name = std::get_if<std::string>(&whom);
    if (name != nullptr && *name == "slow") {
      slow_.acquire();
      return untried(EHOSTDOWN);
    }
    const std::scoped_lock lock(mutex_);
    for (const auto& [uid, known] : accounts_)
      if (name == nullptr ? uid == std::get<uid_t>(whom) : known == *name)
        return AccountEntry{.uid = uid, .name = known, .of_unit = known == "unit"};
    return std::optional<AccountEntry>();
  }
  void set(std::map<uid_t, std::string> accounts) {
    const std::scoped_lock lock(mutex_);
    accounts_ = std::move(accounts);
  }
  bool wait_for(const std::function<bool()>& condition) {
    return test::wait_until(loop_, condition);
  }
  AccountWatch::Options options() {
    return {.watches = true, .look_every = 1ms, .first_limit = 10ms, .ask = [this](const auto& whom) { return look(whom); }};
  }

  const core::Account ann_{1000, "ann"};
  const core::Account ben_{1001, "ben"};
  std::mutex mutex_;
  std::map<uid_t, std::string> accounts_{{1000, "ann"}, {1001, "ben"}};
  std::counting_semaphore<> slow_{0};
  loop::Loop loop_;
  std::vector<core::StrayAccounts> told_;
  std::vector<ports::AccountMoved> moved_;
};

TEST_F(AccountWatchTest, AUnitIsKnownByItsNameAndToldWhenItHasAnotherNumber) {
  AccountWatch watch(loop_, *this, options());
  set({{61234, "unit"}});
  std::string name;
  const auto ask = [&](std::uint32_t uid) {
    name.clear();
    watch.name_of(uid, [&](base::Result<std::string> named) { name = *std::move(named); });
    return wait_for([&] { return !name.empty(); });
  };
  ASSERT_TRUE(ask(61234));
  EXPECT_EQ(name, core::on_record("unit", true));
  const core::Account unit{61234, name};
  watch.watch(unit);
  ASSERT_TRUE(wait_for([&] { return !told_.empty(); }));
  EXPECT_TRUE(told_.back().empty());
  set({});
  ASSERT_TRUE(wait_for([&] { return told_.back().contains(unit); }));
  set({{62000, "unit"}});
  ASSERT_TRUE(wait_for([&] { return !moved_.empty(); }));
  EXPECT_EQ(moved_[0].from, unit);
  EXPECT_EQ(moved_[0].to, 62000U);
  EXPECT_TRUE(wait_for([&] { return told_.back().empty(); }));
}

TEST_F(AccountWatchTest, WhoGoesIsToldAndWhoComesBackAndWhoIsForgottenIsNot) {
  AccountWatch watch(loop_, *this, options());
  EXPECT_FALSE(watch.watch(ann_));
  watch.watch(ben_);
  ASSERT_TRUE(wait_for([&] { return !told_.empty(); }));
  EXPECT_TRUE(told_.back().empty());
  set({{1001, "carl"}});
  ASSERT_TRUE(wait_for([&] { return told_.back().size() == 2; }));
  EXPECT_EQ(told_.back().at(ben_), "user 1001 is carl now, and was ben");
  watch.forget(ben_);
  ASSERT_TRUE(wait_for([&] { return told_.back().size() == 1; }));
  EXPECT_TRUE(told_.back().contains(ann_));
  set({{1000, "ann"}});
  ASSERT_TRUE(wait_for([&] { return told_.back().empty(); }));
}

TEST_F(AccountWatchTest, OneThatNobodySaysAnythingOfHoldsUpNeitherTheOthersNorWhoeverCalls) {
  AccountWatch watch(loop_, *this, options());
  const AtTheEnd end{slow_};
  watch.watch({1002, "slow"});
  watch.watch(ann_);
  ASSERT_TRUE(wait_for([&] { return !told_.empty(); })) << "it takes too long to wait for";
  EXPECT_TRUE(told_.back().empty()) << "it is what it was";
  set({{1001, "ben"}});
  watch.watch(ben_);
  std::string name;
  watch.name_of(1001, [&](base::Result<std::string> named) { name = *std::move(named); });
  EXPECT_TRUE(wait_for([&] { return name == "ben"; }));
  EXPECT_TRUE(wait_for([&] { return told_.back().contains(ann_); }));
  EXPECT_EQ(told_.back().size(), 1U);
}

}  // namespace
}  // namespace backhaul::posix
