// SPDX-License-Identifier: Apache-2.0
#include "core/local_name.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

TEST(LocalName, IsTheLastPartOfThePath) {
  EXPECT_EQ(local_name_of("http://x/a/b.iso?x=1#y"), "b.iso");
  EXPECT_EQ(local_name_of("http://x/a%20b"), "a b");
  EXPECT_EQ(local_name_of("http://x/100%"), "100%");
  EXPECT_EQ(local_name_of("http://x/%e2%82%ac.txt"), "\xE2\x82\xAC.txt");
  for (const char* none : {"http://x/a/", "http://x", "http://x?a=/b", "http://x/%2e%2e", "http://x/."})
    EXPECT_EQ(local_name_of(none), "") << none;
}

TEST(LocalName, HasNothingThatIsObeyedInsteadOfShown) {
  EXPECT_EQ(local_name_of("http://x/a%1b[31mb"), "a_[31mb");
  EXPECT_EQ(local_name_of("http://x/a%0ab%0d%00%7f"), "a_b___");
  EXPECT_EQ(local_name_of("http://x/a%c2%9bb"), "a_b") << "C1";
  EXPECT_EQ(local_name_of("http://x/a%9bb%ff"), "a_b_") << "no UTF-8";
  EXPECT_EQ(local_name_of("http://x/cod%e2%80%aegnp.exe"), "cod_gnp.exe") << "a change of direction";
  EXPECT_EQ(local_name_of("http://x/a%e2%80%a8b%e2%81%a6c%ef%bb%bf"), "a_b_c_");
  EXPECT_EQ(local_name_of("http://x/a\x1b"), "a_") << "as it stands there, too";
}

TEST(LocalName, LeadsNowhereAndIsNoOption) {
  EXPECT_EQ(local_name_of("http://x/%2e%2e%2fetc"), "_._etc");
  EXPECT_EQ(local_name_of("http://x/-rf"), "_rf");
  EXPECT_EQ(local_name_of("http://x/%2drf"), "_rf");
  EXPECT_EQ(local_name_of("http://x/.bashrc"), "_bashrc");
}

}  // namespace
}  // namespace backhaul::core
