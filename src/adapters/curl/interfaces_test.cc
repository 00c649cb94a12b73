// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/interfaces.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace backhaul::curl {
namespace {

TEST(Interfaces, AreReadAsTheKernelPrintsThem) {
  const auto received = Interfaces::parse(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop\n"
      "    lo:   72072     823    0    0    0     0          0         0    72072     823    0    0\n"
      "wlp2s0: 18446744073709551615 1 0 0 0 0 0 0 5 1 0 0\n"
      "eth0:1:99 1 0\n"
      "veth@x:\n"
      "tun0: none\n");
  EXPECT_EQ(received.size(), 3U);
  EXPECT_EQ(received.at("lo"), 72072U);
  EXPECT_EQ(received.at("wlp2s0"), 18446744073709551615U);
  EXPECT_EQ(received.at("eth0:1"), 99U);
}

TEST(Interfaces, OfThisMachineAreFoundByTheirAddress) {
  sockaddr_storage address{};
  auto& four = reinterpret_cast<sockaddr_in&>(address);
  four.sin_family = AF_INET;
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_TRUE(Interfaces().received().contains(Interfaces::with_address(address)));
  four.sin_addr.s_addr = inet_addr("192.0.2.1");
  EXPECT_EQ(Interfaces::with_address(address), "");
}

}  // namespace
}  // namespace backhaul::curl
