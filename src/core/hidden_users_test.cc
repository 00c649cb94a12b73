// SPDX-License-Identifier: Apache-2.0
#include "core/hidden_users.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

class HiddenUsersTest : public ::testing::Test {
 protected:
  std::string hide(std::string_view addresses) {
    return users.hide(addresses, [this] { return ++last; });
  }
  HiddenUsers users;
  std::uint64_t last = 6;
};

TEST_F(HiddenUsersTest, AMarkStandsForAUserAndItsPassword) {
  const std::string hidden = hide("https://ana:hunter2@example.org:8443/a@b?c=d@e#f@g");
  EXPECT_EQ(hidden, "https://{7}@example.org:8443/a@b?c=d@e#f@g");
  EXPECT_EQ(users.reveal(hidden), "https://ana:hunter2@example.org:8443/a@b?c=d@e#f@g");
  EXPECT_EQ(without_user(hidden), "https://example.org:8443/a@b?c=d@e#f@g");
  EXPECT_TRUE(names_hidden_user(hidden));
  for (const char* plain : {"https://example.org/a@b", "", "http://h?x@y", "http://h/a;b@c d@e"}) {
    EXPECT_EQ(hide(plain), plain);
    EXPECT_FALSE(names_user(plain));
  }
}

TEST_F(HiddenUsersTest, TheSameUserKeepsItsMark) {
  EXPECT_EQ(hide("http://a:b@x/1"), "http://{7}@x/1");
  EXPECT_EQ(hide("http://a:b@y/2"), "http://{7}@y/2");
  EXPECT_EQ(hide("http://a@y/2"), "http://{8}@y/2");
  // What looks like a mark and is none of ours.
  EXPECT_EQ(hide("http://{7}@y/2"), "http://{9}@y/2");
  EXPECT_EQ(users.reveal("http://{9}@y/2"), "http://{7}@y/2");
}

TEST_F(HiddenUsersTest, ProxiesAreHiddenWithinTheirList) {
  const std::string list = "http=u:p@one:3128;  https=http://v:q@two  three:80 socks5://w@four:1080";
  EXPECT_EQ(users.hide_list(list, [this] { return ++last; }),
            "http={7}@one:3128;  https=http://{8}@two  three:80 socks5://{9}@four:1080");
  EXPECT_EQ(users.reveal("http://{8}@two:80"), "http://v:q@two:80");
}

TEST_F(HiddenUsersTest, TheListIsOneText) {
  hide("http://a:b@x/");
  hide("http://c%20d:e@x/");
  const HiddenUsers again(users.list());
  EXPECT_EQ(again.reveal("http://{7}@x/"), "http://a:b@x/");
  EXPECT_EQ(again.reveal("http://{8}@x/"), "http://c%20d:e@x/");
  EXPECT_EQ(again.reveal("http://{77}@x/"), "http://x/") << "one that was lost is left out";
  EXPECT_TRUE(HiddenUsers().list().empty());
}

}  // namespace
}  // namespace backhaul::core
