// SPDX-License-Identifier: Apache-2.0
#include "swarm/address.h"

#include <gtest/gtest.h>

#include <string>

namespace backhaul::swarmd {
namespace {

TEST(SwarmAddressTest, AnAddressOfAFileIsTaken) {
  for (const char* url : {"http://h/f", "https://h:8443/a%20b/f.img?x=1&y=/", "http://[::1]:80/f", "http://h/a@b"}) {
    EXPECT_EQ(obstacle_to_address(url), "") << url;
  }
  EXPECT_EQ(obstacle_to_web_seed("https://h:8443/a%20b/f.img?x=1"), "");
}

TEST(SwarmAddressTest, WhatCannotBeAskedIsSaid) {
  struct Case {
    std::string url;
    std::string_view why;
  };
  const Case cases[]{
      {"", "is no address with http or https"},
      {"ftp://h/f", "is no address with http or https"},
      {"HTTP://h/f", "is no address with http or https"},
      {"http://" + std::string(8200, 'h') + "/f", "is longer than 8192 characters"},
      {"http://h/a b", "has characters that an address has to escape"},
      {"http://h/a\nX: y", "has characters that an address has to escape"},
      {"http://h/\xC3\xA4", "has characters that an address has to escape"},
      {"http://h/a\\b", "has characters that an address has to escape"},
      {"http://h/\"a\"", "has characters that an address has to escape"},
      {"http:///f", "names no server"},
      {"http://a:b@h/f", "has a name or a password in it"},
      {"http://h", "is the address of a server and not of a file"},
      {"http://h?x=/y", "is the address of a server and not of a file"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(obstacle_to_address(one.url), one.why) << one.url;
    EXPECT_EQ(obstacle_to_web_seed(one.url), one.why) << one.url;
  }
  EXPECT_EQ(obstacle_to_address("http://h/folder/"), "");
  EXPECT_EQ(obstacle_to_web_seed("http://h/folder/"), "is the address of a folder and not of a file");
}

}  // namespace
}  // namespace backhaul::swarmd
