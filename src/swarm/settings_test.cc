// SPDX-License-Identifier: Apache-2.0
#include "swarm/settings.h"

#include <gtest/gtest.h>

namespace backhaul::swarmd {
namespace {

using namespace std::chrono_literals;

TEST(SwarmSettingsTest, EveryKeyIsTaken) {
  const auto read = parse_settings(
      "# why\n[Swarm]\nPort = 7000\nInterfaces = eth0 192.0.2.1, fe80::1\nTracker = http://t.example:6969/announce\n"
      "SendBitsPerSec = 8000\nReceiveBitsPerSec = 16000\nMaxCacheMB = 10\nSeedSec = 60\n",
      {});
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->port, 7000);
  EXPECT_EQ(read->tracker, "http://t.example:6969/announce");
  EXPECT_EQ(read->send_bits_per_second, 8000U);
  EXPECT_EQ(read->receive_bits_per_second, 16000U);
  EXPECT_EQ(read->room_mib, 10U);
  EXPECT_EQ(read->seeding, 60s);
  EXPECT_EQ(listen_interfaces(*read), "eth0:7000,192.0.2.1:7000,[fe80::1]:7000");
}

TEST(SwarmSettingsTest, WhatIsNotSaidStays) {
  Settings before;
  before.port = 1;
  const auto read = parse_settings("[Swarm]\nSeedSec = 5\n", before);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->port, 1);
  EXPECT_EQ(read->seeding, 5s);
  EXPECT_EQ(listen_interfaces(Settings{}), "0.0.0.0:2179,[::]:2179");
}

TEST(SwarmSettingsTest, ALineThatIsIndentedIsALine) {
  const auto read = parse_settings("  [Swarm]\n  Tracker = http://t.example/a\n\tPort = 7000\n   \n SeedSec = 5", {});
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->tracker, "http://t.example/a");
  EXPECT_EQ(read->port, 7000);
  EXPECT_EQ(read->seeding, 5s);
  EXPECT_EQ(parse_settings("[Swarm]\n\n  Colour = red\n", {}).error().text, "line 3: Colour is no setting");
}

TEST(SwarmSettingsTest, WhatIsNoFileIsRefused) {
  EXPECT_EQ(read_settings({"/dev/null"}).error().text, "/dev/null: this is no ordinary file");
}

TEST(SwarmSettingsTest, AnErrorNamesItsLine) {
  struct Case {
    const char* text;
    const char* said;
  };
  const Case cases[]{
      {"[Swarm]\nPort = 70000\n", "line 2: Port is a number up to 65535"},
      {"[Swarm]\nPort = -1\n", "line 2: Port is a number up to 65535"},
      {"[Swarm]\n\nColour = red\n", "line 3: Colour is no setting"},
      {"[Peers]\nPort = 1\n", "line 2: [Peers] is no section of this file: it is [Swarm]"},
      {"[Swarm]\nTracker = ftp://t\n", "line 2: Tracker is no address of one"},
      {"[Swarm]\nwhat\n", "line 2: neither [Section] nor Key = value"},
  };
  for (const Case& one : cases) {
    const auto read = parse_settings(one.text, {});
    ASSERT_FALSE(read) << one.text;
    EXPECT_EQ(read.error().text, one.said);
  }
}

TEST(SwarmSettingsTest, FilesThatAreNotThereSayNothing) {
  const auto read = read_settings({"/nonexistent/swarm.conf"});
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, Settings{});
}

}  // namespace
}  // namespace backhaul::swarmd
