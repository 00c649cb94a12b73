// SPDX-License-Identifier: Apache-2.0
// The service's end, with the test in the place of the process.
#include "adapters/posix/messengers.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "loop/run_until_for_test.h"
#include "tests/support/recording_inbox.h"

namespace backhaul::posix {
namespace {

using namespace std::chrono_literals;
using ports::NotifyOutcome;

class MessengersTest : public ::testing::Test {
 protected:
  // A worker starts them.
  Messengers::Start start() {
    return [this](const core::Account& account, Descriptor socket) {
      loop_of_sockets_.post([this, account, held = std::move(socket)]() mutable {
        sockets_.insert_or_assign(account, std::move(held));
      });
      return can_start_;
    };
  }
  static ports::Notification told(std::uint64_t ticket, std::uint32_t uid, std::uint8_t job) {
    ports::Notification one;
    one.ticket = base::Ticket{ticket};
    one.owner = {.uid = uid, .application = {}, .account = "user" + std::to_string(uid)};
    one.kind = core::NotifyKind::job_transferred;
    one.job.bytes[0] = job;
    one.target = ports::ClassTarget{{.name = "org.example.One", .path = "/org/example"}, 1s};
    return one;
  }
  template <class Condition>
  bool reached(Condition condition) {
    return loop::run_until(loop_, condition);
  }
  // Of one account: workers start them, in any order.
  int socket_of(std::uint32_t uid) const {
    const auto found = sockets_.find(core::Account{uid, "user" + std::to_string(uid)});
    return found == sockets_.end() ? -1 : found->second.get();
  }
  std::uint64_t hear_ticket(std::uint32_t uid) {
    const auto errand = hear_errand(socket_of(uid));
    const auto* heard = errand ? std::get_if<ports::Notification>(&*errand) : nullptr;
    return heard == nullptr ? 0 : static_cast<std::uint64_t>(heard->ticket);
  }

  std::vector<ports::DeliveryEnded> deliveries() const { return inbox_.all<ports::DeliveryEnded>(); }
  void answer(std::uint32_t uid, std::uint64_t ticket) {
    say_report(socket_of(uid),
               ports::DeliveryEnded{base::Ticket{ticket}, NotifyOutcome::answered, base::Code::S_OK, ""});
  }

  loop::Loop loop_;
  loop::Poster loop_of_sockets_{loop_};
  bool can_start_ = true;
  std::map<core::Account, Descriptor> sockets_;
  test::RecordingInbox inbox_;
};

TEST_F(MessengersTest, EachOwnerHasOneAndIsToldWhatBecameOfIt) {
  Messengers messengers(loop_, inbox_, start());
  messengers.notify(told(1, 1000, 1));
  messengers.notify(told(2, 1001, 2));
  messengers.notify(told(3, 1000, 3));
  ASSERT_TRUE(reached([&] { return sockets_.size() == 2; }));
  EXPECT_TRUE(sockets_.contains(core::Account{1000, "user1000"}));
  EXPECT_EQ(hear_ticket(1000), 1U);
  EXPECT_EQ(hear_ticket(1000), 3U);
  EXPECT_EQ(hear_ticket(1001), 2U);
  answer(1000, 3);
  ASSERT_TRUE(reached([&] { return deliveries().size() == 1; }));
  EXPECT_EQ(deliveries()[0].ticket, base::Ticket{3});
}

TEST_F(MessengersTest, WhoSaysWhatHeWasNotAskedForIsGivenUp) {
  Messengers messengers(loop_, inbox_, start());
  messengers.notify(told(1, 1000, 1));
  messengers.notify(told(2, 1001, 2));
  ASSERT_TRUE(reached([&] { return sockets_.size() == 2; }));
  answer(1000, 2);
  ASSERT_TRUE(reached([&] { return deliveries().size() == 1; }));
  EXPECT_EQ(deliveries()[0].ticket, base::Ticket{1}) << "its own one, which nobody knows the end of";
  EXPECT_EQ(deliveries()[0].outcome, NotifyOutcome::failed);
  EXPECT_EQ(messengers.size(), 1U);
}

TEST_F(MessengersTest, ASessionThatComesIsTold) {
  Messengers messengers(loop_, inbox_, start());
  messengers.notify(told(1, 1000, 1));
  ASSERT_TRUE(reached([&] { return sockets_.size() == 1; }));
  say_report(socket_of(1000),
             ports::DeliveryEnded{base::Ticket{1}, NotifyOutcome::unavailable, base::Code::NOT_LOGGED_ON, "none"});
  say_report(socket_of(1000), BusIsThere{});
  ASSERT_TRUE(reached([&] { return inbox_.count<ports::SessionBegan>() == 1; }));
  EXPECT_EQ(inbox_.all<ports::SessionBegan>()[0].owner, 1000U);
  EXPECT_EQ(deliveries().at(0).result, base::Code::NOT_LOGGED_ON);
  EXPECT_EQ(messengers.size(), 1U);
}

TEST_F(MessengersTest, OneThatEndsIsFollowedByAnother) {
  Messengers messengers(loop_, inbox_, start());
  messengers.notify(told(1, 1000, 1));
  ASSERT_TRUE(reached([&] { return sockets_.size() == 1; }));
  sockets_.clear();
  ASSERT_TRUE(reached([&] { return deliveries().size() == 1; }));
  messengers.notify(told(2, 1000, 1));
  ASSERT_TRUE(reached([&] { return sockets_.size() == 1; }));
  EXPECT_EQ(hear_ticket(1000), 2U);
}

TEST_F(MessengersTest, WhereNoneCanBeStartedTheClassIsUnavailable) {
  can_start_ = false;
  Messengers messengers(loop_, inbox_, start());
  messengers.notify(told(1, 1000, 1));
  ASSERT_TRUE(reached([&] { return deliveries().size() == 1; }));
  EXPECT_EQ(deliveries()[0].outcome, NotifyOutcome::unavailable);
  EXPECT_EQ(messengers.size(), 0U);
}

TEST_F(MessengersTest, OneWithoutInstancesEndsAfterAWhile) {
  Messengers messengers(loop_, inbox_, start(), {.idle_limit = 0s});
  messengers.notify(told(1, 1000, 1));
  ASSERT_TRUE(reached([&] { return sockets_.size() == 1; }));
  answer(1000, 1);
  ASSERT_TRUE(reached([&] { return deliveries().size() == 1; }));
  EXPECT_EQ(messengers.size(), 1U) << "the job may have an instance";
  base::JobId job;
  job.bytes[0] = 1;
  messengers.release_instance(job);
  EXPECT_TRUE(reached([&] { return messengers.size() == 0; }));
}

}  // namespace
}  // namespace backhaul::posix
