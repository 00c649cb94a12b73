// SPDX-License-Identifier: Apache-2.0
// A name is given to the file that is held, or to none.
#include "adapters/posix/owner_access.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace backhaul::posix {
namespace {

class OwnerAccessTest : public testing::Test {
 protected:
  OwnerAccessTest() : folder_(std::filesystem::path(testing::TempDir()) / ("owner-access-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    directory_ = Descriptor(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~OwnerAccessTest() override { std::filesystem::remove_all(folder_); }

  void put(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  std::string text_of(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }
  int rename(int held) {
    const auto renamed = access_.rename(directory_.get(), "part", "file", held);
    return renamed ? 0 : renamed.error();
  }

  std::filesystem::path folder_;
  Descriptor directory_;
  OwnerAccess access_{{}};
};

TEST_F(OwnerAccessTest, WhatTookThePlaceOfThePartIsNotPutInPlace) {
  put("part", "received");
  put("file", "of before");
  const auto held = access_.open(directory_.get(), "part", Purpose::read);
  ASSERT_TRUE(held);
  ASSERT_EQ(unlink((folder_ / "part").c_str()), 0);
  EXPECT_EQ(rename(held->get()), ENOENT);
  put("part", "somebody else's");
  EXPECT_EQ(rename(held->get()), other_file);
  EXPECT_EQ(text_of("file"), "of before");
  EXPECT_EQ(text_of("part"), "somebody else's");
}

TEST_F(OwnerAccessTest, ARenameCanBeRepeated) {
  put("part", "received");
  const auto held = access_.open(directory_.get(), "part", Purpose::read);
  ASSERT_TRUE(held);
  EXPECT_EQ(rename(held->get()), 0);
  EXPECT_EQ(rename(held->get()), 0);
  EXPECT_EQ(text_of("file"), "received");
}

TEST_F(OwnerAccessTest, WithoutAFolderThatIsAllowedNoneIsOpened) {
  OwnerAccess nowhere_at_all({.only_beneath = true});
  EXPECT_EQ(nowhere_at_all.open_directory(folder_, {}).error(), EACCES);
  OwnerAccess here({.only_beneath = true, .roots = {folder_}});
  EXPECT_TRUE(here.open_directory(folder_, {}));
  EXPECT_EQ(here.open_directory(folder_.parent_path(), {}).error(), EACCES);
  EXPECT_EQ(here.open_directory(folder_.string() + "/..", {}).error(), EACCES);
  EXPECT_EQ(here.open_directory(folder_.string() + "-beside", {}).error(), EACCES);
}

TEST_F(OwnerAccessTest, LinksOfItsOwnAreFollowedAndACircleEnds) {
  std::filesystem::create_directory(folder_ / "there");
  std::filesystem::create_symlink("there/../there", folder_ / "way");
  std::filesystem::create_symlink("circle", folder_ / "circle");
  const auto way = access_.look(Access::nowhere, folder_ / "way", true);
  ASSERT_TRUE(way);
  EXPECT_EQ(way->inode, access_.look(Access::nowhere, folder_ / "there", false)->inode);
  EXPECT_EQ(access_.open_directory(folder_ / "circle", {}).error(), ELOOP);
  put("file", "");
  EXPECT_EQ(access_.open_directory(folder_ / "way/../file/x", {}).error(), ENOTDIR);
}

}  // namespace
}  // namespace backhaul::posix
