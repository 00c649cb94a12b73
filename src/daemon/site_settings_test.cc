// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "daemon/settings.h"
#include "tests/support/temp_dir.h"

namespace backhaul::daemon {
namespace {

class SiteSettings : public ::testing::Test {
 protected:
  base::Result<LoadedSettings> load() {
    return load_settings({folder_ / "machine.conf", folder_ / "machine.conf.d", folder_ / "user.conf"});
  }
  core::SiteRules of_machine(const std::string& lines) {
    test::write_file(folder_ / "machine.conf", "[Peers]\n" + lines);
    const auto loaded = load();
    EXPECT_TRUE(loaded) << loaded.error().text;
    return loaded ? loaded->settings.policy.site : core::SiteRules();
  }
  test::TempDir folder_;
};

TEST_F(SiteSettings, NothingIsAskedThatNobodyNames) {
  EXPECT_EQ(of_machine(""), core::SiteRules());
  const core::SiteRules rules = of_machine(
      "CacheHost = https://cache.site/files/\nCacheHostFallbackDelaySec = 60\nCacheHostForegroundDelaySec = 2\n"
      "SiteProxy = http://127.0.0.1:65001/\nSwarm = yes\n");
  EXPECT_EQ(rules.cache_host.value, "https://cache.site/files/{scheme}/{host}/{path}");
  EXPECT_EQ(rules.cache_host.where, folder_ / "machine.conf:2");
  EXPECT_EQ(rules.cache_host_wait.value, std::chrono::seconds(60));
  EXPECT_EQ(rules.cache_host_wait_foreground.value, std::chrono::seconds(2));
  EXPECT_EQ(rules.proxy.value, "http://127.0.0.1:65001");
  EXPECT_TRUE(rules.swarm.value);
}

TEST_F(SiteSettings, AUserGoesWhereTheMachineSaysOrNowhere) {
  const std::string machine = "CacheHost = http://cache.site\nSiteProxy = http://proxy.site:1\nSwarm = no\n"
                              "CacheHostFallbackDelaySec = 10\nCacheHostForegroundDelaySec = 0\n";
  test::write_file(folder_ / "user.conf", "[Peers]\nCacheHost = http://other\nSiteProxy = http://other:1\nSwarm = yes\n"
                                          "CacheHostFallbackDelaySec = 11\nCacheHostForegroundDelaySec = 1\n");
  core::SiteRules rules = of_machine(machine);
  EXPECT_EQ(load()->warnings.size(), 5U);
  EXPECT_EQ(rules.cache_host.value, "http://cache.site/{scheme}/{host}/{path}");
  EXPECT_EQ(rules.proxy.value, "http://proxy.site:1");
  EXPECT_FALSE(rules.swarm.value);
  EXPECT_EQ(rules.cache_host_wait.value, std::chrono::seconds(10));
  EXPECT_EQ(rules.cache_host_wait_foreground.value, std::chrono::seconds(0));
  test::write_file(folder_ / "user.conf", "[Peers]\nCacheHost = none\nSiteProxy = none\nCacheHostFallbackDelaySec = 1\n");
  rules = of_machine(machine);
  EXPECT_EQ(rules.cache_host.value, "");
  EXPECT_EQ(rules.proxy.value, "");
  EXPECT_EQ(rules.cache_host_wait.value, std::chrono::seconds(1));
}

TEST_F(SiteSettings, DuplicatesAreAskedUntilTheMachineOrAUserSaysNo) {
  EXPECT_TRUE(of_machine("").duplicates.value);
  test::write_file(folder_ / "user.conf", "[Network]\nAskDuplicates = no\n");
  EXPECT_FALSE(of_machine("").duplicates.value);
  test::write_file(folder_ / "user.conf", "[Network]\nAskDuplicates = yes\n");
  EXPECT_EQ(of_machine("[Network]\nAskDuplicates = no\n").duplicates, (core::Rule<bool>{false, folder_ / "machine.conf:3"}));
  EXPECT_EQ(load()->warnings.size(), 1U);
}

TEST_F(SiteSettings, AProxyWithoutAPortIsAtTheUsualOne) {
  EXPECT_EQ(of_machine("SiteProxy = http://proxy.site\n").proxy.value, "http://proxy.site:80");
}

TEST_F(SiteSettings, ACacheThatIsToBeFoundTakesAnAuthorityThatVouchesForIt) {
  EXPECT_EQ(of_machine("CacheHost = dns-sd\nTrust = ca\nAuthority = /etc/site.pem\n").cache_host.value, "dns-sd");
  EXPECT_TRUE(load()->warnings.empty());
  EXPECT_EQ(of_machine("CacheHost = dns-sd:cache.site\nTrust = ca\n").cache_host.value, "dns-sd:cache.site");
  EXPECT_EQ(load()->warnings.size(), 1U) << "it has no authority";
  of_machine("CacheHost = dns-sd\nAuthority = /etc/site.pem\n");
  ASSERT_EQ(load()->warnings.size(), 1U);
  EXPECT_EQ(load()->warnings.front(),
            std::string(folder_ / "machine.conf") +
                ":2: CacheHost = dns-sd takes Trust = ca and an Authority, which vouches for it: none is asked");
}

TEST_F(SiteSettings, TheNameOfACacheIsOfAnyCaseAndOneThatIsNoneIsSaid) {
  EXPECT_EQ(of_machine("CacheHost = dns-sd:Cache.Site\nTrust = ca\nAuthority = /etc/site.pem\n").cache_host.value,
            "dns-sd:cache.site");
  test::write_file(folder_ / "machine.conf", "[Peers]\nCacheHost = dns-sd:a b\n");
  const auto read = load();
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().text.find("not the name of a host, as in dns-sd:cache.site"), std::string::npos)
      << read.error().text;
}

TEST_F(SiteSettings, WhatIsNoPlaceIsAnError) {
  for (const char* line : {"CacheHost = cache.site", "CacheHost = ftp://cache.site", "CacheHost = https://me@cache.site",
                           "CacheHost = https://cache.site/{host}/{path}", "CacheHost = https://{host}/{scheme}/{path}",
                           "CacheHost = https://cache.site/{scheme}/{host}/{path}/more", "SiteProxy = https://proxy:1",
                           "SiteProxy = http://me@proxy:1", "SiteProxy = http://proxy:1/path", "SiteProxy = proxy:1",
                           "CacheHost = dns-sd:", "CacheHost = dns-sd:a b", "CacheHost = dns-sd:a:443",
                           "Swarm = maybe", "CacheHostFallbackDelaySec = soon"}) {
    test::write_file(folder_ / "machine.conf", std::string("[Peers]\n") + line + "\n");
    EXPECT_FALSE(load()) << line;
  }
}

}  // namespace
}  // namespace backhaul::daemon
