// SPDX-License-Identifier: Apache-2.0
#include "adapters/network/default_route.h"

#include <gtest/gtest.h>

#include <sstream>

namespace backhaul::network {
namespace {

core::Route route(const char* four, const char* six = "") {
  std::istringstream ipv4(four), ipv6(six);
  return default_route(ipv4, ipv6);
}

constexpr const char* head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";

TEST(DefaultRoute, IsTheOneWithTheLeastMetric) {
  const std::string lines = std::string(head) +
                            "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
                            "eth0\t00000000\t0200000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
                            "eth1\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
  EXPECT_EQ(route(lines.c_str()), (core::Route{"eth0", "10.0.0.2"}));
}

TEST(DefaultRoute, MayHaveNoGateway) {
  const std::string lines = std::string(head) + "wwan0\t00000000\t00000000\t0001\t0\t0\t700\t00000000\t0\t0\t0\n";
  EXPECT_EQ(route(lines.c_str()), (core::Route{"wwan0", ""}));
}

TEST(DefaultRoute, OfIpv6CountsWhereThereIsNoOther) {
  const char* six =
      "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 "
      "ffffffff 00000001 00000000 00200200       lo\n"
      "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 "
      "00000400 00000001 00000000 00000003     eth0\n";
  EXPECT_EQ(route(head, six), (core::Route{"eth0", "fe80::1"}));
  EXPECT_EQ(route(head, ""), core::Route());
}

}  // namespace
}  // namespace backhaul::network
