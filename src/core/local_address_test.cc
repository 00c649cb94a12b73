// SPDX-License-Identifier: Apache-2.0
#include "core/local_address.h"

#include <gtest/gtest.h>

#include "core/names.h"

namespace backhaul::core {
namespace {

TEST(LocalAddress, PathsAndFileUrlsNameAFile) {
  for (const char* address : {"/srv/a b", "file:///srv/a%20b", "FILE://localhost/srv/a%20b", "file:/srv/a%20b"}) {
    EXPECT_TRUE(is_local_address(address));
    EXPECT_EQ(local_path(address).value(), "/srv/a b") << address;
    EXPECT_TRUE(check_remote(address)) << address;
  }
  EXPECT_EQ(local_path("/srv/a*?").value(), "/srv/a*?") << "no wildcards";
  EXPECT_EQ(local_path("file:///srv/a*%3f").value(), "/srv/a*?");
  EXPECT_FALSE(is_local_address("http://host/srv"));
}

TEST(LocalAddress, NothingElseDoes) {
  for (const char* address :
       {"//server/share/x", "file://server/share/x", "file:////server/share/x", "\\\\server\\share\\x",
        "smb://server/share/x", "file:///", "file:///srv/", "/srv/../x", "file:///srv/%2e%2e/x", "file:///a%00b",
        "file:///a%2", "file:///a?b", "file:x", "ftp://host/x"})
    EXPECT_EQ(check_remote(address).error().code, base::Code::E_INVALIDARG) << address;
  EXPECT_EQ(check_remote("/").error().text, "the path \"/\" is a directory");
  EXPECT_EQ(check_remote("file:///srv/").error().text, "the path \"/srv/\" is a directory");
  EXPECT_NE(check_remote("//server/share/x").error().text.find("mount the share"), std::string::npos);
  EXPECT_NE(check_remote("smb://server/share/x").error().text.find("mount the share"), std::string::npos);
}

}  // namespace
}  // namespace backhaul::core
