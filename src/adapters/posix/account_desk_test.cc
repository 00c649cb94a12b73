// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/account_desk.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <semaphore>
#include <string>

namespace backhaul::posix {
namespace {

using namespace std::chrono_literals;

// A directory of which some do not get an answer before the end of the test.
class AccountDeskTest : public testing::Test {
 protected:
  // In front of the desk, which waits for its threads.
  struct AtTheEnd {
    std::counting_semaphore<>& slow;
    ~AtTheEnd() { slow.release(2 * AccountDesk::most_asked); }
  };

  AccountAnswer look(const AccountDesk::Whom& whom) {
    ++looks_;
    const auto* name = std::get_if<std::string>(&whom);
    if (name != nullptr && name->starts_with("slow")) slow_.acquire();
    return AccountEntry{.uid = name == nullptr ? std::get<uid_t>(whom) : 1234U, .name = name == nullptr ? "" : *name};
  }
  bool wait_for(const std::function<bool()>& condition) {
    const base::BootTime end = loop_.now() + 30s;
    while (!condition() && loop_.now() < end) loop_.run_once(20ms);
    return condition();
  }

  std::counting_semaphore<> slow_{0};
  std::atomic<int> looks_ = 0;
  loop::Loop loop_;
};

TEST_F(AccountDeskTest, OneThatDoesNotAnswerHoldsUpNobodyWhoAsksForAnother) {
  AccountDesk desk(loop_, [this](const auto& whom) { return look(whom); });
  const AtTheEnd end{slow_};
  int waits = 0;
  for (int i = 0; i < 100; ++i) desk.ask("slow", [&waits](const AccountAnswer&) { ++waits; });
  std::string heard;
  desk.ask("quick", [&heard](const AccountAnswer& answer) { heard += (*answer)->name; });
  desk.ask(uid_t{7}, [&heard](const AccountAnswer& answer) { heard += std::to_string((*answer)->uid); });
  EXPECT_TRUE(wait_for([&] { return heard.size() == 6; })) << heard;
  EXPECT_EQ(waits, 0);
  slow_.release(1);
  EXPECT_TRUE(wait_for([&] { return waits == 1; }));
  EXPECT_TRUE(wait_for([&] { return looks_.load() == 4; }));
  EXPECT_EQ(waits, 1) << "the others came later, when the account may have been another";
  slow_.release(1);
  EXPECT_TRUE(wait_for([&] { return waits == 100; }));
  EXPECT_EQ(looks_.load(), 4) << "one more look for all of them";
  desk.ask("quick", [&heard](const AccountAnswer&) { heard = "anew"; });
  EXPECT_TRUE(wait_for([&] { return heard == "anew"; }));
  EXPECT_EQ(looks_.load(), 5) << "no answer is kept";
}

TEST_F(AccountDeskTest, NotAnyNumberOfThemIsAskedForOrWaitsAndWhoWaitsStays) {
  AccountDesk desk(loop_, [this](const auto& whom) { return look(whom); });
  const AtTheEnd end{slow_};
  std::size_t heard = 0;
  int refused = 0;
  const auto hear = [&](const AccountAnswer& answer) {
    ++heard;
    if (answer) return;
    EXPECT_EQ(answer.error(), EAGAIN);
    ++refused;
  };
  for (std::size_t i = 0; i < AccountDesk::most_asked; ++i) desk.ask("slow " + std::to_string(i), hear);
  EXPECT_EQ(heard, 0U);
  desk.ask("slow too many", hear);
  EXPECT_EQ(refused, 1);
  desk.ask("slow 1", hear);
  EXPECT_EQ(refused, 1) << "that one is asked for already";
  slow_.release(2 * AccountDesk::most_asked);
  EXPECT_TRUE(wait_for([&] { return heard == AccountDesk::most_asked + 2; }));
  EXPECT_EQ(refused, 1);
}

}  // namespace
}  // namespace backhaul::posix
