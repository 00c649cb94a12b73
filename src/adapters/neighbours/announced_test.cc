// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/announced.h"

#include <gtest/gtest.h>

namespace backhaul::neighbours {
namespace {

Texts texts(const std::vector<std::string>& lines) {
  Texts all;
  for (const std::string& line : lines) all.emplace_back(line.begin(), line.end());
  return all;
}
const std::string some_id(32, 'a');

TEST(AnnouncedTest, WhatIsToldIsReadAgain) {
  for (const std::string& group : {std::string(), std::string(16, '7')}) {
    const Announced own{.id = some_id, .group = group};
    EXPECT_EQ(announced_in(texts_of(own)), own);
  }
}

TEST(AnnouncedTest, WhatIsOtherwiseIsNoNeighbour) {
  EXPECT_FALSE(announced_in({}));
  EXPECT_FALSE(announced_in(texts({"id=" + some_id})));
  EXPECT_FALSE(announced_in(texts({"v=2", "id=" + some_id})));
  EXPECT_FALSE(announced_in(texts({"v=1", "id=" + some_id + "a"})));
  EXPECT_FALSE(announced_in(texts({"v=1", "id=" + std::string(32, 'A')})));
  EXPECT_FALSE(announced_in(texts({"v=2", "v=1", "id=" + some_id}))) << "the first one counts";
  EXPECT_EQ(announced_in(texts({"v=1", "id=" + some_id, "g=someone"}))->group, "") << "of no group of ours";
}

TEST(AnnouncedTest, ACacheHasTheNameOfItsMachineWhereItTellsNoOther) {
  EXPECT_EQ(announced_cache_in(texts({"v=1"}), "Cache.local"), (Announced{.id = "cache.local", .group = {}}));
  EXPECT_EQ(announced_cache_in(texts({"v=1", "name=Cache.Site.Example.", "path=/files/"}), "cache.local"),
            (Announced{.id = "cache.site.example", .group = {}, .path = "/files"}));
}

TEST(AnnouncedTest, WhatNoCertificateCouldNameIsNoCache) {
  EXPECT_FALSE(announced_cache_in({}, "cache.local"));
  EXPECT_FALSE(announced_cache_in(texts({"v=2"}), "cache.local"));
  for (const char* name : {"a b", "me@cache", "cache/files", "cache:443", "a?x", "-cache", "a..b", "[::1]", "\xe4"})
    EXPECT_FALSE(announced_cache_in(texts({"v=1", "name=" + std::string(name)}), "cache.local")) << name;
  EXPECT_FALSE(announced_cache_in(texts({"v=1"}), ""));
}

TEST(AnnouncedTest, ThisMachineIsNoNeighbourOfItself) {
  const std::set<std::string> own{"192.0.2.1", "2001:db8::1", "fe80::1"};
  for (const char* here : {"127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "224.0.0.251", "ff02::fb",
                           "255.255.255.255", "192.0.2.1", "::ffff:192.0.2.1", "2001:db8:0::1", "fe80::1%eth0",
                           "::ffff:127.0.0.1", "", "host.local"})
    EXPECT_FALSE(is_elsewhere(here, own)) << here;
  for (const char* there : {"192.0.2.2", "2001:db8::2", "fe80::2%eth0", "169.254.1.1"})
    EXPECT_TRUE(is_elsewhere(there, own)) << there;
}

}  // namespace
}  // namespace backhaul::neighbours
