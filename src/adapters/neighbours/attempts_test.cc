// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/attempts.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace backhaul::neighbours {
namespace {

using namespace std::chrono_literals;

TEST(AttemptsTest, ThreeThatFailInAMinuteAreEnough) {
  Attempts attempts;
  const Attempts::Clock::time_point begin{};
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(attempts.may("one", begin + i * 10s));
    attempts.failed("one", begin + i * 10s);
  }
  EXPECT_FALSE(attempts.may("one", begin + 59s));
  EXPECT_TRUE(attempts.may("other", begin + 59s)) << "somebody else is not held up by it";
  EXPECT_TRUE(attempts.may("one", begin + 60s));
}

TEST(AttemptsTest, WhoFailedLongestAgoIsForgottenForOthers) {
  Attempts attempts;
  const Attempts::Clock::time_point begin{};
  for (int i = 0; i < 3; ++i) attempts.failed("one", begin);
  for (std::size_t i = 0; i < Attempts::most_known; ++i) attempts.failed(std::to_string(i), begin + 1s);
  EXPECT_TRUE(attempts.may("one", begin + 2s));
}

std::string six(const char* text) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
  return address_of(reinterpret_cast<const sockaddr*>(&address));
}

TEST(AttemptsTest, ANetworkOfIPv6IsOneAddress) {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  inet_pton(AF_INET, "192.0.2.1", &four.sin_addr);
  EXPECT_EQ(address_of(reinterpret_cast<const sockaddr*>(&four)), six("::ffff:192.0.2.1"));
  EXPECT_EQ(six("2001:db8::1"), six("2001:db8::2"));
  EXPECT_NE(six("2001:db8::1"), six("2001:db8:0:1::1"));
  EXPECT_NE(six("fe80::1"), six("fe80::2"));
}

}  // namespace
}  // namespace backhaul::neighbours
