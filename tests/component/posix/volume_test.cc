// SPDX-License-Identifier: Apache-2.0
// Room on a volume, with volumes of our own in a mount namespace of our own.
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <filesystem>

#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t mega = 1024 * 1024;

class Volumes : public FilesTest {
 protected:
  void SetUp() override {
    // Before the first worker: a thread lives in the namespace it was made in.
    if (unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      GTEST_SKIP() << "NOT TRIED: no mount namespace can be made here (it needs root)";
    fs::create_directory(directory_ / "volume");
  }
  void TearDown() override {
    files_.reset();
    umount2((directory_ / "volume").c_str(), MNT_DETACH);
  }
  void mount(const char* kind, const char* options) {
    ASSERT_EQ(::mount("none", (directory_ / "volume").c_str(), kind, 0, options), 0);
  }
  ports::OpenPart on_volume(std::uint64_t transfer) { return request(transfer, 0, "volume/file"); }
};

TEST_F(Volumes, WhatThePartHoldsAlreadyCountsAsFree) {
  mount("tmpfs", "size=4m");
  auto stored = store(1, std::string(3 * mega, 'x'), 0, "volume/file");
  // More was written than recorded: a crash came before the next checkpoint.
  stored.stored = core::Extents::until(mega / 2);
  stored.tail = 0;
  auto again = resumed(on_volume(1), stored, 2);
  again.size = 4 * mega - 64 * 1024;
  ASSERT_NE(open(again), nullptr) << last<ports::PartFailed>().error.text;
  EXPECT_EQ(last<ports::PartOpened>().stored.prefix(), mega / 2);
}

TEST_F(Volumes, TooLittleRoomForTheRestIsDiskFullAndThePartStays) {
  mount("tmpfs", "size=4m");
  const auto stored = store(1, std::string(3 * mega, 'x'), 0, "volume/file");
  auto again = resumed(on_volume(1), stored, 2);
  again.size = 5 * mega;
  EXPECT_EQ(open(again), nullptr);
  EXPECT_EQ(last<ports::PartFailed>().error.code, Code::DISK_FULL);
  EXPECT_NE(last<ports::PartFailed>().error.text.find(directory_ / "volume"), std::string::npos);
  EXPECT_EQ(info_of(part(0, 0, "volume/file")).st_size, 3 * mega);
}

TEST_F(Volumes, AVolumeThatCountsNoBlocksIsNotFull) {
  mount("ramfs", nullptr);
  auto asked = on_volume(1);
  asked.size = 3 * mega;
  ports::Sink* sink = open(asked);
  ASSERT_NE(sink, nullptr) << last<ports::PartFailed>().error.text;
  sink->expect(3 * mega);
  write(*sink, std::string(3 * mega, 'x'));
  sink->end_of_data();
  EXPECT_TRUE(answer<ports::PartStored>().final);
}

TEST_F(Volumes, RoomIsLookedForWhenTheSizeBecomesKnown) {
  mount("tmpfs", "size=4m");
  const auto stored = store(1, std::string(mega, 'x'), 0, "volume/file");
  ports::Sink* sink = open(resumed(on_volume(1), stored, 2));
  ASSERT_NE(sink, nullptr);
  sink->expect(3 * mega + 512 * 1024);  // it fits, with what is here
  sink->restart(1, false);  // another version of the same size; the old part is there still
  sink->expect(3 * mega + 512 * 1024);
  EXPECT_EQ(answer<ports::PartFailed>().error.code, Code::DISK_FULL);
}

TEST_F(Volumes, AFileThatIsLargerThanAllowedHasItsOwnCode) {
  mount("tmpfs", "size=64m");
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{mega, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  ports::Sink* sink = open(on_volume(1));  // size unknown: only the write tells
  if (sink != nullptr) write(*sink, std::string(mega, 'x'));
  if (sink != nullptr) sink->write_at(sink->taken(), bytes_of(std::string(mega, 'x')));
  if (sink != nullptr) sink->end_of_data();
  const bool told = wait([&] { return inbox_.count<ports::PartFailed>() == 1; });
  auto known = request(2, 1, "volume/other");
  known.size = 3 * mega;
  const bool opened = open(known) != nullptr;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_TRUE(told);
  EXPECT_FALSE(opened);
  for (const auto& failed : inbox_.all<ports::PartFailed>())
    EXPECT_EQ(failed.error.code, Code::FILE_TOO_LARGE) << failed.error.text;
}

// The longest path that the kernel takes: that of the part beside it would be longer.
TEST_F(FilesTest, ALocalNameOfTheLongestPathIsReceivedAndPublished) {
  std::string name;
  while ((directory_ / name).size() + 1 + 200 < 4'090 - 2) name += std::string(199, 'd') + "/";
  name += std::string(4'094 - (directory_ / name).size(), 'd');
  if (name.substr(name.rfind('/') + 1).size() > 200) name.insert(name.size() - 100, "/");
  std::string folder = directory_.path();
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t slash = name.find('/', at);
    if (slash == std::string::npos) break;
    folder += "/" + name.substr(at, slash - at);
    ASSERT_TRUE(fs::create_directory(folder)) << folder.size();
    at = slash + 1;
  }
  ASSERT_GT((directory_ / name).size(), 4'080U);
  ASSERT_LT((directory_ / name).size(), 4'096U);
  ASSERT_TRUE(check(directory_ / name));
  const auto stored = store(1, "far away", 0, name);
  files().publish({.job = job_, .owner = owner_, .files = {to_publish(stored, 0, name)}, .drop = {}});
  EXPECT_FALSE(answer<ports::Published>().files[0].error);
  EXPECT_EQ(content(directory_ / name), "far away");
}

}  // namespace
}  // namespace backhaul::posix
