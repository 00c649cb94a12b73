// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/mounts.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>

namespace backhaul::posix {
namespace {

TEST(Mounts, TellWhatIsServedElsewhereByTheTableOfTheKernel) {
  std::string name = testing::TempDir() + "mounts.XXXXXX";
  const int file = mkstemp(name.data());
  ASSERT_GE(file, 0);
  close(file);
  std::ofstream(name) << "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
                         "23 22 0:20 / /net rw - nfs4 server:/x rw\n"
                         "24 23 8:2 / /net/disk rw master:1 shared:3 - xfs /dev/sdb1 rw\n"
                         "25 22 0:21 / /home/my\\040files rw - fuse.sshfs host: rw\n"
                         "26 22 0:22 / /twice rw - cifs //s/x rw\n"
                         "27 26 0:23 / /twice rw - tmpfs tmpfs rw\n"
                         "a line of another kind\n";
  Mounts mounts(name.c_str());
  unlink(name.c_str());
  EXPECT_EQ(mounts.served_elsewhere("/a/b"), "");
  EXPECT_EQ(mounts.served_elsewhere("/net"), "/net");
  EXPECT_EQ(mounts.served_elsewhere("/net/a/b"), "/net");
  EXPECT_EQ(mounts.served_elsewhere("/network/a"), "") << "another directory";
  EXPECT_EQ(mounts.served_elsewhere("/net/disk/a"), "");
  EXPECT_EQ(mounts.served_elsewhere("/home/my files/a"), "/home/my files");
  EXPECT_EQ(mounts.served_elsewhere("/twice/a"), "") << "the last one is on top";
}

TEST(Mounts, WithoutATableEverythingIsHere) {
  Mounts mounts("/nonexistent/mountinfo");
  EXPECT_EQ(mounts.served_elsewhere("/a"), "");
}

TEST(Mounts, ReadTheRealTable) {
  Mounts mounts;
  EXPECT_EQ(mounts.served_elsewhere("/proc/self"), "");
}

}  // namespace
}  // namespace backhaul::posix
