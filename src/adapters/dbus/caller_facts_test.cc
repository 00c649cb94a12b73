// SPDX-License-Identifier: Apache-2.0
// A /proc of the test's own: a caller is the test itself, as the files there describe it.
#include "adapters/dbus/caller_facts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/no_descriptors.h"
#include "tests/support/temp_dir.h"

namespace backhaul::dbus {
namespace {

constexpr char plain_mounts[] =
    "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "22 21 0:5 / /dev rw - devtmpfs udev rw\n";

class CallerFactsOf : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(self_ / "attr/apparmor");
    std::filesystem::create_directories(self_ / "root");
    std::filesystem::create_directories(self_ / "ns");
    std::filesystem::create_directories(std::filesystem::path(folders_.proc) / "self/ns");
    std::filesystem::create_symlink("mnt:[1]", std::filesystem::path(folders_.proc) / "self/ns/mnt");
    std::filesystem::create_symlink("/", std::filesystem::path(folders_.proc) / "self/root");
    namespace_of_mounts("mnt:[2]");
    file("mountinfo", plain_mounts);
    file("attr/apparmor/current", "unconfined\n");
  }
  void file(const std::string& name, const std::string& text) {
    test::write_file(self_ / name, text);
  }
  void namespace_of_mounts(const std::string& name) {
    std::filesystem::remove(self_ / "ns/mnt");
    std::filesystem::create_symlink(name, self_ / "ns/mnt");
  }
  core::CallerFacts facts(std::string label = {}) const {
    const auto seen =
        facts_of({.uid = geteuid(), .pid = static_cast<std::uint32_t>(getpid()), .process = {},
                  .label = std::move(label)},
                 folders_);
    EXPECT_TRUE(seen);
    return *seen;
  }

  const uid_t before_ = geteuid();
  test::TempDir folder_;
  FactFolders folders_{folder_ / "proc", folder_ / "profiles"};
  std::filesystem::path self_ = folders_.proc + "/" + std::to_string(getpid());
};

TEST_F(CallerFactsOf, ARootWithoutAnInfoIsSeenAndHasNone) {
  EXPECT_TRUE(facts().root_seen);
  EXPECT_FALSE(facts().flatpak_info);
  EXPECT_EQ(facts().label, "unconfined\n");
  EXPECT_EQ(facts().uid, geteuid());
}

TEST_F(CallerFactsOf, TheInfoOfItsRootIsRead) {
  file("root/.flatpak-info", "[Application]\n");
  EXPECT_TRUE(facts().root_seen);
  EXPECT_EQ(facts().flatpak_info, "[Application]\n");
}

TEST_F(CallerFactsOf, ALongInfoIsReadWholeAndOneWithoutEndIsNone) {
  const std::string info = "[Application]\nname=" + std::string(9'000, 'a') + "\n";
  file("root/.flatpak-info", info);
  EXPECT_EQ(facts().flatpak_info, info);
  file("root/.flatpak-info", std::string(1024 * 1024, 'a'));
  EXPECT_FALSE(facts().flatpak_info);
}

TEST_F(CallerFactsOf, WhatIsReadTakesNoMoreRoomThanThereIsOfIt) {
  file("root/.flatpak-info", "[Application]\n");
  const auto seen = facts_of({.uid = geteuid(), .pid = static_cast<std::uint32_t>(getpid()), .process = {}, .label = {}},
                             folders_);
  ASSERT_TRUE(seen);
  EXPECT_LT(seen->flatpak_info->capacity(), 1000U);
  EXPECT_LT(seen->label.capacity(), 1000U);
}

TEST_F(CallerFactsOf, OurOwnRootIsNoSandbox) {
  namespace_of_mounts("mnt:[1]");
  std::filesystem::remove_all(self_ / "root");
  std::filesystem::create_symlink("/", self_ / "root");
  std::filesystem::remove(self_ / "mountinfo");
  EXPECT_TRUE(facts().root_seen);
  // Another root in the same namespace is another root.
  std::filesystem::remove(self_ / "root");
  std::filesystem::create_symlink("/elsewhere", self_ / "root");
  EXPECT_FALSE(facts().root_seen);
}

TEST_F(CallerFactsOf, AnInfoThatIsNoFileIsNotTakenForNone) {
  for (const char* what : {"link", "folder", "pipe"}) {
    const std::filesystem::path info = self_ / "root/.flatpak-info";
    std::filesystem::remove(info);
    if (std::string(what) == "link") std::filesystem::create_symlink("nowhere", info);
    if (std::string(what) == "folder") std::filesystem::create_directory(info);
    if (std::string(what) == "pipe") {
      ASSERT_EQ(mkfifo(info.c_str(), 0600), 0);
    }
    EXPECT_FALSE(facts().root_seen) << what;
  }
}

TEST_F(CallerFactsOf, FilesOfAProgramThatMayNeverAnswerAreNotTouched) {
  file("root/.flatpak-info", "[Application]\n");
  for (const std::string& mounts :
       {std::string("21 1 0:9 / / rw - fuse.mine mine rw\n"),
        std::string(plain_mounts) + "30 21 0:9 / /.flatpak-info rw shared:2 master:1 - fuse x rw\n",
        std::string(plain_mounts) + "30 21 0:9 / / rw - fuseblk x rw\n",
        std::string("22 21 0:5 / /dev rw - devtmpfs udev rw\n"), std::string()}) {
    file("mountinfo", mounts);
    EXPECT_FALSE(facts().root_seen) << mounts;
  }
}

TEST_F(CallerFactsOf, ARootWithinAMountIsKnownByItsDeviceIfWeHaveIt) {
  file("root/.flatpak-info", "[Application]\n");
  file("mountinfo", "");
  struct stat root {};
  ASSERT_EQ(stat((self_ / "root").c_str(), &root), 0);
  const std::string device = std::to_string(major(root.st_dev)) + ":" + std::to_string(minor(root.st_dev));
  const auto we_have = [&](const std::string& type) {
    test::write_file(std::filesystem::path(folders_.proc) / "self/mountinfo",
                     "1 0 0:0 / /elsewhere rw - tmpfs x rw\n2 0 " + device + " / /d rw - " + type +
                         " x rw\n");
  };
  we_have("ext4");
  EXPECT_TRUE(facts().root_seen);
  EXPECT_TRUE(facts().flatpak_info);
  we_have("fuse.mine");
  EXPECT_FALSE(facts().root_seen);
}

// Without the right to look into the root of somebody else's process.
class Powerless {
 public:
  Powerless() : before_(geteuid()) {
    if (before_ == 0 && seteuid(65534) != 0) ADD_FAILURE() << "root is kept";
  }
  ~Powerless() {
    if (seteuid(before_) != 0) ADD_FAILURE() << "root does not come back";
  }
  Powerless(const Powerless&) = delete;
  Powerless& operator=(const Powerless&) = delete;

 private:
  const uid_t before_;
};

TEST_F(CallerFactsOf, ARootThatMayNotBeEnteredIsKnownByTheFileSystemThatItIs) {
  for (const auto& entry : {std::filesystem::path(folder_.path()), std::filesystem::path(folders_.proc)})
    std::filesystem::permissions(entry, std::filesystem::perms(0755));
  std::filesystem::remove(self_ / "root");
  std::filesystem::create_directories(self_ / "closed/root");
  std::filesystem::create_symlink("closed/root", self_ / "root");
  std::filesystem::permissions(self_ / "closed", std::filesystem::perms(0));
  const auto seen = [&](const std::string& mounts) {
    file("mountinfo", mounts);
    const core::CallerFacts told = [&] {
      const Powerless here;
      const auto looked = facts_of({.uid = before_, .pid = static_cast<std::uint32_t>(getpid()), .process = {}, .label = {}},
                                   folders_);
      EXPECT_TRUE(looked);
      return *looked;
    }();
    EXPECT_FALSE(told.flatpak_info);
    return told.root_seen;
  };
  EXPECT_FALSE(seen(plain_mounts));  // nobody knows what our own is
  test::write_file(std::filesystem::path(folders_.proc) / "self/mountinfo", plain_mounts);
  EXPECT_TRUE(seen(plain_mounts));
  EXPECT_FALSE(seen("21 1 0:50 / / rw - tmpfs tmpfs rw\n"));
  EXPECT_FALSE(seen("21 1 8:1 /sandbox / rw - ext4 /dev/sda1 rw\n"));
  EXPECT_FALSE(seen("22 21 8:1 / /home rw - ext4 /dev/sda1 rw\n"));  // a root that is none of its mounts
  EXPECT_FALSE(seen(std::string(plain_mounts) + "30 21 0:50 / /.flatpak-info ro - tmpfs tmpfs rw\n"));
  EXPECT_FALSE(seen(std::string(plain_mounts) + "30 21 0:50 / / rw - tmpfs tmpfs rw\n"));  // on top
  std::filesystem::permissions(self_ / "closed", std::filesystem::perms(0700));
}

TEST_F(CallerFactsOf, AProcessThatIsSomebodyElsesOrGoneIsNotSeen) {
  EXPECT_FALSE(facts_of({.uid = geteuid() + 1, .pid = static_cast<std::uint32_t>(getpid()),
                         .process = {}, .label = {}}, folders_)->root_seen);
  EXPECT_FALSE(facts_of({.uid = geteuid(), .pid = 0, .process = {}, .label = {}}, folders_)->root_seen);
  std::filesystem::remove_all(self_);
  EXPECT_FALSE(facts().root_seen);
}

TEST_F(CallerFactsOf, WhereTheBusHasDescriptorsOfProcessesANumberAloneIsNotTrusted) {
  CallerProcess caller{.uid = geteuid(), .pid = static_cast<std::uint32_t>(getpid()),
                       .process = bus::FileDescriptor(), .label = {}};
  const auto seen = facts_of(std::move(caller), folders_);
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->root_seen);
}

// Else the caller would be refused as one that could be confined.
TEST_F(CallerFactsOf, WithoutADescriptorNothingIsSaidOfTheCaller) {
  const auto look = [&] {
    return facts_of({.uid = geteuid(), .pid = static_cast<std::uint32_t>(getpid()),
                     .process = {}, .label = {}}, folders_);
  };
  for (int left = 0; left < 4; ++left) {  // whichever of them is the one that is missing
    std::vector<bus::FileDescriptor> room;
    for (int i = 0; i < left; ++i) room.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    const test::NoDescriptors none;
    room.clear();
    const auto seen = look();
    ASSERT_FALSE(seen) << left;
    EXPECT_EQ(seen.error().code, base::Code::TOO_MANY_OPEN_FILES);
  }
  EXPECT_TRUE(look()->root_seen);
}

TEST_F(CallerFactsOf, TheLabelOfTheConnectionGoesFirstAndBringsTheRulesOfASnap) {
  std::filesystem::create_directories(folders_.snap_profiles);
  test::write_file(folders_.snap_profiles + "/snap.tool.run", "rules");
  const core::CallerFacts seen = facts("snap.tool.run (enforce)");
  EXPECT_EQ(seen.label, "snap.tool.run (enforce)");
  EXPECT_EQ(seen.snap_profile, "rules");
  file("attr/apparmor/current", "snap.tool.run (enforce)\n");
  EXPECT_EQ(facts().snap_profile, "rules");
  file("attr/apparmor/current", "snap.other.run (enforce)\n");
  EXPECT_EQ(facts().snap_profile, "");
}

TEST(CallerFactsOfTheRealProc, AServiceWithoutRightsSeesThatAnotherUsersProcessIsInNoSandbox) {
  if (geteuid() != 0) GTEST_SKIP() << "SKIPPED LOUDLY: only root can be somebody else";
  const Powerless here;
  const auto seen = facts_of({.uid = 0, .pid = static_cast<std::uint32_t>(getppid()), .process = {}, .label = {}});
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->root_seen);
  EXPECT_FALSE(seen->flatpak_info);
}

TEST(CallerFactsOfTheRealProc, WeSeeThatWeShareOurOwnRoot) {
  const auto seen = facts_of({.uid = geteuid(), .pid = static_cast<std::uint32_t>(getpid()),
                              .process = {}, .label = {}});
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->root_seen);
  EXPECT_FALSE(seen->flatpak_info);
}

}  // namespace
}  // namespace backhaul::dbus
