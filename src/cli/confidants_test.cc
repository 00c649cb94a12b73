// SPDX-License-Identifier: Apache-2.0
#include "cli/confidants.h"

#include <gtest/gtest.h>

namespace backhaul::cli {
namespace {

using Servers = std::vector<std::string>;

TEST(Confidants, AreTheServersThatWereNotAskedBefore) {
  EXPECT_EQ(new_confidants({{"https://a/x", "https://a/y"}}), Servers{});
  EXPECT_EQ(new_confidants({{"https://a/x", "https://b/x"}, {"https://a/y", "https://b/y"}}), Servers{"https://b"});
  EXPECT_EQ(new_confidants({{"https://a/x", "https://A:443/x"}}), Servers{}) << "the same server";
  EXPECT_EQ(new_confidants({{"https://a/x", "https://a:8443/x"}}), Servers{"https://a:8443"});
  EXPECT_EQ(new_confidants({{"https://a/x", "http://a/x"}}), Servers{"http://a"}) << "everybody can read that";
  EXPECT_EQ(new_confidants({{"https://a/x", "https://u:p@b?q"}}), Servers{"https://b"});
  EXPECT_EQ(new_confidants({{"https://a/x", "https://a@b/x"}}), Servers{"https://b"});
  EXPECT_EQ(new_confidants({{"https://a/x", "/srv/x"}, {"https://a/x", "file:///srv/x"}}), Servers{})
      << "no server is told anything";
}

TEST(Confidants, AreToldOfHeadersOnlyThoseThatHoldSecrets) {
  EXPECT_EQ(secrets_text({}, std::string()), "");
  EXPECT_EQ(secrets_text({}, std::string("Accept: text/plain\r\n")), "");
  EXPECT_EQ(secrets_text({}, std::string("Accept: text/plain\r\nAuthorization: Bearer x\r\n")),
            "the secret headers");
}

}  // namespace
}  // namespace backhaul::cli
