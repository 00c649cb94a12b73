// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/settings.h"
#include "tests/support/temp_dir.h"

namespace backhaul::daemon {
namespace {

class PeerSettings : public ::testing::Test {
 protected:
  base::Result<LoadedSettings> load() {
    return load_settings({folder_ / "machine.conf", folder_ / "machine.conf.d", folder_ / "user.conf"});
  }
  test::TempDir folder_;
};

TEST_F(PeerSettings, WhatIsKeptForNeighboursIsOffAndAUserMakesTheWordOfTheMachineTighterAlone) {
  EXPECT_EQ(load()->settings.policy.cache, core::CacheRules());
  EXPECT_EQ(load()->settings.policy.neighbours, core::NeighbourRules());
  const std::string user = folder_ / "user.conf";
  test::write_file(user, "[Peers]\nEnable = yes\nCachePercent = 5\nContentAgeDays = 30\n");
  core::Policy policy = load()->settings.policy;
  EXPECT_EQ(policy.cache.enabled, (core::Rule<bool>{true, user + ":2"})) << "nobody of the machine says anything";
  EXPECT_EQ(policy.neighbours.client, (core::Rule<bool>{true, user + ":2"}));
  EXPECT_EQ(policy.cache.percent, (core::Rule<std::uint32_t>{5, user + ":3"}));
  EXPECT_EQ(policy.cache.age, (core::Rule<base::Microseconds>{std::chrono::hours(24 * 30), user + ":4"}));
  test::write_file(folder_ / "machine.conf", "[Peers]\nEnable = no\nCachePercent = 3\nContentAgeDays = 40\n");
  auto loaded = load();
  EXPECT_FALSE(loaded->settings.policy.cache.enabled.value);
  EXPECT_FALSE(loaded->settings.policy.neighbours.client.value);
  EXPECT_EQ(loaded->settings.policy.cache.percent.value, 3U);
  EXPECT_EQ(loaded->settings.policy.cache.age.value, std::chrono::hours(24 * 30));
  EXPECT_EQ(loaded->warnings.size(), 2U);
}

TEST_F(PeerSettings, OneSideOfNeighboursIsSwitchedOffByItself) {
  const std::string machine = folder_ / "machine.conf";
  test::write_file(machine, "[Peers]\nEnable = yes\nServer = no\n");
  core::Policy policy = load()->settings.policy;
  EXPECT_EQ(policy.cache.enabled, (core::Rule<bool>{false, machine + ":3"}));
  EXPECT_EQ(policy.neighbours.client, (core::Rule<bool>{true, machine + ":2"}));
  test::write_file(machine, "[Peers]\nServer = no\n");
  EXPECT_EQ(load()->settings.policy.cache.enabled, (core::Rule<bool>{false, machine + ":2"}))
      << "no program asks it away";
  test::write_file(machine, "[Peers]\nEnable = yes\nServer = no\n");
  test::write_file(folder_ / "user.conf", "[Peers]\nServer = yes\nClient = no\n");
  const auto loaded = load();
  EXPECT_FALSE(loaded->settings.policy.cache.enabled.value);
  EXPECT_FALSE(loaded->settings.policy.neighbours.client.value);
  EXPECT_EQ(loaded->warnings.size(), 1U);
}

TEST_F(PeerSettings, NeighboursAreNamedByPlaceAndKey) {
  const std::string key(64, 'a');
  test::write_file(folder_ / "machine.conf", "[Peers]\nStaticPeers = one.lan " + key + ", [fe80::1%eth0]:99 " +
                                                 std::string(64, 'B') + "\nStaticPeers = 192.0.2.1:77 " + key + ", " + key + "\n");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  const std::vector<core::Neighbour> expected{{.key = key, .host = "one.lan", .port = 2178, .name = "one.lan"},
                                              {.key = std::string(64, 'b'), .host = "fe80::1%eth0", .port = 99, .name = "fe80::1%eth0"},
                                              {.key = key, .host = "192.0.2.1", .port = 77, .name = "192.0.2.1"},
                                              {.key = key, .host = {}, .port = 0, .name = {}}};
  EXPECT_EQ(loaded->settings.policy.neighbours.fixed.value, expected);
  test::write_file(folder_ / "user.conf", "[Peers]\nStaticPeers = one.lan " + key + "\n");
  EXPECT_EQ(load()->settings.policy.neighbours.fixed.value.size(), 1U) << "lines of another file take its place";
  for (const std::string& wrong : {std::string("one.lan"), "one.lan:0 " + key, "one/lan " + key, "[::1 " + key, "::1 " + key, "one.lan " + key + "a"}) {
    test::write_file(folder_ / "machine.conf", "[Peers]\nStaticPeers = " + wrong + "\n");
    EXPECT_FALSE(load()) << wrong;
  }
}

TEST_F(PeerSettings, OfNeighboursAUserTrustsNobodyWhomTheMachineDoesNot) {
  const std::string key(64, 'a');
  test::write_file(folder_ / "machine.conf", "[Peers]\nStaticPeers = one.lan " + key + "\nTrust = list\nContentTrust = digest\n"
                                             "Discovery = static\nServeBitsPerSec = 20%\nPort = 2000\nMaxServedClients = 2\n"
                                             "PendingWaitSec = 10\nQueryOrigins = a.example\n");
  test::write_file(folder_ / "user.conf", "[Peers]\nStaticPeers = two.lan " + key + "\nTrust = ca\nContentTrust = colleagues\n"
                                          "Discovery = dns-sd\nServeBitsPerSec = 21%\nPort = 2001\nMaxServedClients = 3\n"
                                          "PendingWaitSec = 11\nQueryOrigins = a.example b.example\n");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->warnings.size(), 9U);
  const core::NeighbourRules& rules = loaded->settings.policy.neighbours;
  EXPECT_EQ(rules.fixed.value.at(0).host, "one.lan");
  EXPECT_EQ(rules.trust.value, core::NeighbourTrust::list);
  EXPECT_EQ(rules.content_trust.value, core::ContentTrust::digest);
  EXPECT_FALSE(rules.discovery.value);
  EXPECT_EQ(rules.serve_percent.value, 20U);
  EXPECT_EQ(rules.port.value, 2000U);
  EXPECT_EQ(rules.served_at_once.value, 2U);
  EXPECT_EQ(rules.pending_wait.value, std::chrono::seconds(10));
  EXPECT_EQ(rules.query_origins.value, std::vector<std::string>{"a.example"});
  test::write_file(folder_ / "user.conf", "[Peers]\nServeBitsPerSec = 10%\nMaxServedClients = 1\n");
  EXPECT_EQ(load()->settings.policy.neighbours.serve_percent.value, 10U);
  EXPECT_EQ(load()->settings.policy.neighbours.served_at_once.value, 1U);
}

TEST_F(PeerSettings, AGroupIsNamedByTheFileOfItsSecret) {
  test::write_file(folder_ / "machine.conf", "[Peers]\nTrust = group\n");
  EXPECT_EQ(load()->settings.policy.neighbours.trust.value, core::NeighbourTrust::group);
  EXPECT_EQ(load()->settings.policy.neighbours.group_secret.value, "/etc/backhaul/peer-group");
  const std::string user = folder_ / "user.conf";
  test::write_file(user, "[Peers]\nGroupSecret = /home/me/group\n");
  EXPECT_EQ(load()->settings.policy.neighbours.group_secret, (core::Rule<std::string>{"/home/me/group", user + ":2"}));
  test::write_file(folder_ / "machine.conf", "[Peers]\nTrust = group\nGroupSecret = /etc/group-of-site\n");
  EXPECT_EQ(load()->settings.policy.neighbours.group_secret.value, "/etc/group-of-site");
}

TEST_F(PeerSettings, OfACacheNumbersOutOfRangeAreTheNearest) {
  test::write_file(folder_ / "machine.conf", "[Peers]\nCachePercent = 100\nContentAgeDays = 0\nServeBitsPerSec = 1\n");
  const auto loaded = load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.policy.cache.percent.value, 80U);
  EXPECT_EQ(loaded->settings.policy.cache.age.value, std::chrono::hours(24));
  EXPECT_EQ(loaded->settings.policy.neighbours.serve_bits_per_second.value, 8000U);
  EXPECT_EQ(loaded->warnings.size(), 3U);
  for (const char* text : {"[Peers]\nCachePercent = half\n", "[Peers]\nEnable = 1\n", "[Peers]\nTrust = kerberos\n",
                           "[Peers]\nGroupSecret = secret\n", "[Peers]\nAuthority = site.pem\n",
                           "[Peers]\nPort = 0\n", "[Peers]\nServeBitsPerSec = %\n"}) {
    test::write_file(folder_ / "machine.conf", text);
    EXPECT_FALSE(load()) << text;
  }
}

}  // namespace
}  // namespace backhaul::daemon
