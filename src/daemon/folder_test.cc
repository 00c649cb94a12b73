// SPDX-License-Identifier: Apache-2.0
#include "daemon/folder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temp_dir.h"

namespace backhaul::daemon {
namespace {

class FolderTest : public ::testing::Test {
 protected:
  struct stat seen() const {
    struct stat info {};
    EXPECT_EQ(lstat(place_.c_str(), &info), 0);
    return info;
  }
  test::TempDir above_;
  const std::filesystem::path place_ = above_ / "folder";
  const FolderRights ours_{.mode = 0755, .owner = geteuid(), .group = getegid()};
};

TEST_F(FolderTest, HasItsModeUnderAnyUmask) {
  const mode_t before = umask(077);
  const bool made = have_folder(place_, ours_, 70000);
  umask(before);
  ASSERT_TRUE(made);
  EXPECT_EQ(seen().st_mode & 07777, 0755U);
}

TEST_F(FolderTest, OneThatIsThereGetsItToo) {
  ASSERT_EQ(mkdir(place_.c_str(), 0700), 0);
  ASSERT_TRUE(have_folder(place_, ours_, 70000));
  EXPECT_EQ(seen().st_mode & 07777, 0755U);
}

TEST_F(FolderTest, WhatIsNoneIsRefused) {
  ASSERT_EQ(mkfifo(place_.c_str(), 0600), 0);
  EXPECT_FALSE(have_folder(place_, ours_, 70000));
  EXPECT_FALSE(have_folder(above_ / "nowhere/folder", ours_, 70000));
}

TEST_F(FolderTest, OneOfRootsIsGivenAwayAndThatOfAStrangerIsLeftAlone) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const FolderRights services{.mode = 0700, .owner = 70000, .group = 70000};
  ASSERT_EQ(mkdir(place_.c_str(), 0755), 0);
  ASSERT_TRUE(have_folder(place_, services, 70000));
  EXPECT_EQ(seen().st_uid, 70000U);
  EXPECT_EQ(seen().st_gid, 70000U);
  EXPECT_EQ(seen().st_mode & 07777, 0700U);
  ASSERT_TRUE(have_folder(place_, services, 70000)) << "a second time";
  EXPECT_FALSE(have_folder(place_, services, 70001));
  EXPECT_EQ(seen().st_uid, 70000U);
}

}  // namespace
}  // namespace backhaul::daemon
