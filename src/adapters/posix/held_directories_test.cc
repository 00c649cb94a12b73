// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/held_directories.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "adapters/posix/direct_access.h"
#include "tests/support/temp_dir.h"

namespace backhaul::posix {
namespace {

namespace fs = std::filesystem;

class HeldDirectoriesTest : public ::testing::Test {
 protected:
  HeldDirectoriesTest() { fs::create_directory(path_); }

  Descriptor opened(int flags = O_PATH | O_DIRECTORY) const { return Descriptor(open(path_.c_str(), flags | O_CLOEXEC)); }
  core::HeldDirectory hold() {
    const auto placed = hold_directory(held_, opened().get());
    EXPECT_TRUE(placed) << placed.error().text;
    EXPECT_EQ(placed->local, path_);
    return core::HeldDirectory::parse(placed->root).value();
  }
  static ino_t inode_of(int file) {
    struct stat info {};
    EXPECT_EQ(fstat(file, &info), 0);
    return info.st_ino;
  }

  test::TempDir folder_;
  const std::string path_ = fs::canonical(folder_.path()) / "into";
  HeldDirectories held_;
  DirectAccess after_restart_{022};  // nothing was handed over to it
};

TEST_F(HeldDirectoriesTest, AreFoundByWhatTheyAreAsLongAsTheyAreKept) {
  const core::HeldDirectory which = hold();
  ASSERT_NE(held_.find(which), nullptr);
  EXPECT_EQ(inode_of(held_.find(which)->get()), which.inode);
  for (std::uint64_t i = 0; i + 1 < held_directories_max; ++i) held_.hold({1, i}, opened());
  EXPECT_NE(held_.find(which), nullptr) << "and is the last one used now";
  for (std::uint64_t i = 0; i + 1 < held_directories_max; ++i) held_.hold({2, i}, opened());
  EXPECT_NE(held_.find(which), nullptr);
  held_.hold({3, 0}, opened());
  held_.hold({3, 1}, opened());
  for (std::uint64_t i = 0; i < held_directories_max; ++i) held_.hold({4, i}, opened());
  EXPECT_EQ(held_.find(which), nullptr);
}

TEST_F(HeldDirectoriesTest, FilesAndWhatWasDeletedAreNone) {
  const Descriptor null(open("/dev/null", O_PATH | O_CLOEXEC));
  EXPECT_EQ(hold_directory(held_, null.get()).error().code, base::Code::E_INVALIDARG);
  const Descriptor gone = opened();
  fs::remove(path_);
  EXPECT_EQ(hold_directory(held_, gone.get()).error().code, base::Code::E_INVALIDARG);
  EXPECT_FALSE(hold_directory(held_, -1));
}

TEST_F(HeldDirectoriesTest, AfterARestartThePathCountsIfItLeadsToTheSame) {
  const core::HeldDirectory which = hold();
  const auto found = open_held(after_restart_, which, path_);
  ASSERT_TRUE(found);
  EXPECT_EQ(inode_of(found->get()), which.inode);
  fs::rename(path_, path_ + "-moved");
  EXPECT_EQ(open_held(after_restart_, which, path_).error(), moved_away);
  fs::create_directory(path_);
  EXPECT_EQ(open_held(after_restart_, which, path_).error(), moved_away) << "it is another one";
  fs::remove(path_);
  fs::rename(path_ + "-moved", path_);
  EXPECT_TRUE(open_held(after_restart_, which, path_));
}

}  // namespace
}  // namespace backhaul::posix
