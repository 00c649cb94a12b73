// SPDX-License-Identifier: Apache-2.0
// On a real dbus-daemon that waits for a service and does not hear that its process ended, as one does whose services
// systemd starts.
#include "daemon/refusal.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "bus/names.h"
#include "loop/loop.h"
#include "tests/support/private_bus.h"

namespace backhaul::daemon {
namespace {

using namespace std::chrono_literals;

constexpr base::Microseconds never = 10min;
const bus::Call any_call{bus::service_name, bus::root_path, bus::manager_interface, "LastJob", bus::no_limit};

class Refused : public ::testing::Test {
 protected:
  // A program that ends well may have left another process behind, for which a bus waits.
  Refused() { bus_.add_service(bus::service_name, {"/bin/true"}); }

  std::thread refuse(base::Microseconds limit) {
    return std::thread([this, limit] {
      bus::Bus own = bus_.connect();
      refuse_calls(own, "the service did not start: a typo (exit code 78)", limit);
    });
  }

  test::PrivateBus bus_;
  loop::Loop loop_;
};

TEST_F(Refused, WhoeverWaitsIsToldWhyAndItGoesWithTheLastOfThem) {
  std::optional<bus::Bus> one = bus_.connect();
  std::optional<bus::Bus> other = bus_.connect();
  ASSERT_TRUE(one->attach(loop_.native()));
  ASSERT_TRUE(other->attach(loop_.native()));
  std::optional<bus::Failure> told;
  const bus::Slot waits = one->call_async<std::string>(any_call, [&](const bus::Outcome<std::string>& answer) {
    if (!answer) told = answer.error();
  });
  std::thread service = refuse(never);
  ASSERT_TRUE(test::wait_until(loop_, [&] { return told.has_value(); }));
  EXPECT_EQ(told->code(), base::Code::RPC_SERVER_UNAVAILABLE);
  EXPECT_EQ(told->text, "the service did not start: a typo (exit code 78)");
  const auto next = test::ask<std::string>(loop_, *other, any_call);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().text, told->text);
  one.reset();
  other.reset();
  service.join();  // long before its limit
}

TEST_F(Refused, WhereNobodyCallsItGoesAtItsLimitAndAnotherServiceIsLeftAlone) {
  refuse(10ms).join();
  bus::Bus serving = bus_.connect();
  ASSERT_TRUE(serving.request_name(bus::service_name)) << "the name is free again";
  refuse(never).join();
}

}  // namespace
}  // namespace backhaul::daemon
