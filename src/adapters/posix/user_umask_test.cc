// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/user_umask.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace backhaul::posix {
namespace {

TEST(UserUmask, TheAccountsOwnGoesBeforeThatOfLogins) {
  const std::string settings = testing::TempDir() + "login.defs." + std::to_string(getpid());
  std::ofstream(settings) << "# UMASK 077\nUMASK\t\t027  # of all\n";
  EXPECT_EQ(umask_of("Ann,room 2,,,umask=0077", settings), 0077U);
  EXPECT_EQ(umask_of("umask=002", settings), 002U);
  EXPECT_EQ(umask_of("Ann,,,", settings), 027U);
  EXPECT_EQ(umask_of("umask=9", settings), 027U);
  EXPECT_EQ(umask_of("umask=01777", settings), 027U);
  std::remove(settings.c_str());
  EXPECT_EQ(umask_of("", settings), 022U);
}

}  // namespace
}  // namespace backhaul::posix
