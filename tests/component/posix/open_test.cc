// SPDX-License-Identifier: Apache-2.0
// Opening a part: what is found is used only if it is what the record says.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/conversation.h"
#include "tests/component/posix/files_fixture.h"
#include "tests/support/no_descriptors.h"

namespace backhaul::posix {
namespace {

TEST_F(FilesTest, ANewPartIsHiddenPrivateAndBesideTheDestination) {
  ASSERT_NE(open(request(1)), nullptr);
  const auto opened = last<ports::PartOpened>();
  EXPECT_EQ(opened.transfer, base::TransferId{1});
  EXPECT_EQ(opened.stored.prefix(), 0U);
  EXPECT_FALSE(opened.part_lost);
  EXPECT_NE(opened.device, 0U);
  const struct stat info = info_of(part());
  EXPECT_EQ(info.st_ino, opened.inode);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  EXPECT_FALSE(exists(directory_ / "file"));
}

TEST_F(FilesTest, AResumedPartIsTrimmedToTheRecordAndContinued) {
  auto stored = store(1, "0123456789");
  stored.stored = core::Extents::until(4);
  stored.tail = digest("0123");
  ports::Sink* sink = open(resumed(request(1), stored, 2));
  ASSERT_NE(sink, nullptr);
  EXPECT_EQ(last<ports::PartOpened>().stored.prefix(), 4U);
  EXPECT_FALSE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(sink->taken(), 4U);
  EXPECT_EQ(content(part()), "0123");
  write(*sink, "abc");
  sink->end_of_data();
  EXPECT_EQ(answer<ports::PartStored>().stored.prefix(), 7U);
  EXPECT_EQ(content(part()), "0123abc");
}

TEST_F(FilesTest, TheBeginAndTheEndOfWhatIsHeldCanBeCompared) {
  std::string bytes(3 * core::sample_bytes, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 251);
  auto stored = store(1, bytes);
  stored.stored = core::Extents::until(2 * core::sample_bytes + 5);
  stored.tail = digest(std::string_view(bytes).substr(core::sample_bytes + 5, core::tail_length));
  ports::Sink* sink = open(resumed(request(1), stored, 2));
  ASSERT_NE(sink, nullptr);
  EXPECT_TRUE(sink->held().head == bytes.substr(0, core::sample_bytes));
  EXPECT_TRUE(sink->held().tail == bytes.substr(core::sample_bytes + 5, core::sample_bytes));
  write(*sink, "abc");
  EXPECT_TRUE(sink->held().head.empty() && sink->held().tail.empty()) << "it is no end any more";
}

TEST_F(FilesTest, AMissingPartBeginsAtZeroAndIsReportedLost) {
  const auto stored = store(1, "0123456789");
  unlink(part().c_str());
  ports::Sink* sink = open(resumed(request(1), stored, 2));
  ASSERT_NE(sink, nullptr);
  EXPECT_EQ(last<ports::PartOpened>().stored.prefix(), 0U);
  EXPECT_TRUE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(sink->taken(), 0U);
}

TEST_F(FilesTest, APartShorterThanTheRecordBeginsAtZero) {
  const auto stored = store(1, "0123456789");
  ASSERT_EQ(truncate(part().c_str(), 9), 0);
  ASSERT_NE(open(resumed(request(1), stored, 2)), nullptr);
  EXPECT_EQ(last<ports::PartOpened>().stored.prefix(), 0U);
  EXPECT_TRUE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(content(part()), "");
}

TEST_F(FilesTest, AnotherFileInThePlaceOfThePartBeginsAtZero) {
  const auto stored = store(1, "0123456789");
  test::write_file(directory_ / "other", "abcdefghij");
  std::filesystem::rename(directory_ / "other", part());
  ASSERT_NE(open(resumed(request(1), stored, 2)), nullptr);
  EXPECT_TRUE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(content(part()), "");
}

TEST_F(FilesTest, APartOfTheSameNumberWithOtherBytesBeginsAtZero) {
  const auto stored = store(1, "0123456789");
  test::write_file(part(), "abcdefghij");
  ASSERT_EQ(info_of(part()).st_ino, stored.inode);
  ASSERT_NE(open(resumed(request(1), stored, 2)), nullptr);
  EXPECT_TRUE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(content(part()), "");
}

// In the middle, where no digest of its end looks.
TEST_F(FilesTest, WhatSomebodyWroteToAPartThatWasLeftBeginsItAnew) {
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  write(*sink, std::string(200'000, 'x'));
  close(1);
  const auto left = last<ports::PartStored>();
  EXPECT_FALSE(left.final);
  EXPECT_EQ(left.stored.prefix(), 200'000U);
  if (left.last_write == 0) GTEST_SKIP() << "this file system may change times later";
  ports::OpenPart again = resumed(request(1), left, 2);
  again.last_write = left.last_write;
  ASSERT_NE(open(again), nullptr);
  EXPECT_FALSE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(last<ports::PartOpened>().last_write, 0U) << "it is open";
  close(2);
  EXPECT_EQ(last<ports::PartStored>().last_write, left.last_write) << "nothing was written, and it is left again";

  const auto time_of_write = [&] { return info_of(part()).st_mtim; };
  const timespec before = time_of_write();
  while (time_of_write().tv_sec == before.tv_sec && time_of_write().tv_nsec == before.tv_nsec) {
    std::fstream somebody(part(), std::ios::in | std::ios::out);
    somebody.seekp(5);
    somebody << "garbage";
  }
  again.transfer = base::TransferId{3};
  ASSERT_NE(open(again), nullptr);
  EXPECT_TRUE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(last<ports::PartOpened>().stored.prefix(), 0U);
  EXPECT_EQ(content(part()), "");
}

// vfat and FUSE number their files anew with every mount.
TEST_F(FilesTest, InAnotherMountAPartIsContinuedByItsEndAndRecordedAnew) {
  auto stored = store(1, "0123456789");
  const std::uint64_t inode = stored.inode;
  ++stored.mount;
  ++stored.inode;
  ASSERT_NE(open(resumed(request(1), stored, 2)), nullptr);
  EXPECT_FALSE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(last<ports::PartOpened>().stored.prefix(), 10U);
  EXPECT_EQ(last<ports::PartOpened>().inode, inode);
  EXPECT_EQ(last<ports::PartOpened>().mount, stored.mount - 1);
}

TEST_F(FilesTest, APartThatNoRecordKnowsIsReplaced) {
  test::write_file(part(), "left by a crash");
  ASSERT_NE(open(request(1)), nullptr);
  EXPECT_EQ(content(part()), "");
  EXPECT_FALSE(last<ports::PartOpened>().part_lost) << "nothing on record was lost";
}

TEST_F(FilesTest, AnotherVolumeIsAnErrorAndNothingIsMade) {
  auto stored = store(1, "0123456789");
  unlink(part().c_str());
  stored.device += 1;
  EXPECT_EQ(open(resumed(request(1), stored, 2)), nullptr);
  EXPECT_EQ(last<ports::PartFailed>().error.code, Code::BG_E_VOLUME_CHANGED);
  EXPECT_EQ(last<ports::PartFailed>().error.context, base::ErrorContext::local_file);
  EXPECT_FALSE(exists(part()));
}

TEST_F(FilesTest, APartWhoseVolumeCameBackUnderAnotherNumberIsContinued) {
  auto stored = store(1, "0123456789");
  const std::uint64_t volume = stored.device;
  stored.device += 1;
  stored.mount += 1;
  stored.inode += 1;
  ASSERT_NE(open(resumed(request(1), stored, 2)), nullptr);
  EXPECT_EQ(last<ports::PartOpened>().stored, core::Extents::until(10));
  EXPECT_EQ(last<ports::PartOpened>().device, volume) << "and is recorded so";
}

TEST_F(FilesTest, ASymbolicLinkAtTheNameOfANewPartIsReplacedAndNotFollowed) {
  test::write_file(directory_ / "victim", "precious");
  ASSERT_EQ(symlink((directory_ / "victim").c_str(), part().c_str()), 0);
  ASSERT_NE(open(request(1)), nullptr);
  EXPECT_TRUE(S_ISREG(info_of(part()).st_mode));
  EXPECT_EQ(content(directory_ / "victim"), "precious");
}

TEST_F(FilesTest, WhatWasPutInThePlaceOfARecordedPartIsReplacedByANewOne) {
  const auto stored = store(1, "0123456789");
  std::filesystem::rename(part(), directory_ / "moved");
  ASSERT_EQ(symlink((directory_ / "moved").c_str(), part().c_str()), 0);
  ASSERT_NE(open(resumed(request(1), stored, 2)), nullptr);
  EXPECT_TRUE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(last<ports::PartOpened>().stored.prefix(), 0U);
  EXPECT_EQ(content(directory_ / "moved"), "0123456789");
}

TEST_F(FilesTest, APipeAtTheNameOfAPartDoesNotHoldAnybody) {
  const auto stored = store(1, "0123456789");
  unlink(part().c_str());
  ASSERT_EQ(mkfifo(part().c_str(), 0600), 0);
  ASSERT_NE(open(resumed(request(1), stored, 2)), nullptr);
  EXPECT_TRUE(last<ports::PartOpened>().part_lost);
  EXPECT_TRUE(S_ISREG(info_of(part()).st_mode));
}

TEST_F(FilesTest, ADirectoryAtTheNameOfAPartStaysAndIsNamed) {
  const auto stored = store(1, "0123456789");
  unlink(part().c_str());
  ASSERT_EQ(mkdir(part().c_str(), 0700), 0);
  EXPECT_EQ(open(resumed(request(1), stored, 2)), nullptr);
  EXPECT_EQ(last<ports::PartFailed>().error.code, Code::E_ACCESSDENIED);
  EXPECT_NE(last<ports::PartFailed>().error.text.find(part()), std::string::npos);
}

TEST_F(FilesTest, AMissingDirectoryIsPathNotFound) {
  EXPECT_EQ(open(request(1, 0, "nowhere/file")), nullptr);
  EXPECT_EQ(last<ports::PartFailed>().error.code, Code::PATH_NOT_FOUND);
  test::write_file(directory_ / "plain", "");
  EXPECT_EQ(open(request(2, 0, "plain/file")), nullptr);
  EXPECT_EQ(last<ports::PartFailed>().error.code, Code::PATH_NOT_FOUND);
}

TEST_F(FilesTest, ADirectoryThatTakesNoFilesIsNotMissing) {
  auto opening = request(1);
  opening.local = "/proc/file";
  EXPECT_EQ(open(opening), nullptr);
  EXPECT_EQ(last<ports::PartFailed>().error.code, Code::E_ACCESSDENIED);
  EXPECT_EQ(last<ports::PartFailed>().error.text, "No file can be made in /proc");
}

TEST_F(FilesTest, WhatTheServiceIsShortOfIsNoFaultOfTheFile) {
  ASSERT_NE(open(request(3, 1, "other")), nullptr);  // the service runs
  {
    const test::NoDescriptors none;
    EXPECT_EQ(open(request(1)), nullptr);
  }
  EXPECT_EQ(last<ports::PartFailed>().error.code, Code::TOO_MANY_OPEN_FILES);
  EXPECT_NE(open(request(2)), nullptr);
}

TEST_F(FilesTest, TooLittleRoomIsADiskFullBeforeTheFirstByte) {
  auto huge = request(1);
  huge.size = 1ULL << 60;
  EXPECT_EQ(open(huge), nullptr);
  EXPECT_EQ(last<ports::PartFailed>().error.code, Code::DISK_FULL);
  EXPECT_FALSE(exists(part()));
}

TEST_F(FilesTest, AnOpenWaitsForTheCloseOfAnEarlierSinkOfTheSamePart) {
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  write(*sink, std::string(300'000, 'x'));
  const auto first = last<ports::PartOpened>();
  auto second = resumed(request(1), first, 2);
  second.stored = core::Extents::until(300'000);  // true only once the first one is closed
  files().open(second);
  files().close(base::TransferId{1});
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartOpened>() == 2; }));
  EXPECT_EQ(inbox_.count<ports::PartClosed>(), 1U);
  EXPECT_EQ(last<ports::PartOpened>().stored.prefix(), 300'000U);
  EXPECT_FALSE(last<ports::PartOpened>().part_lost);
}

TEST_F(FilesTest, ACloseBeforeTheAnswerToOpenIsAnsweredToo) {
  files().open(request(1));
  EXPECT_EQ(files().sink(base::TransferId{1}), nullptr);
  close(1);
  EXPECT_EQ(files().sink(base::TransferId{1}), nullptr);
  EXPECT_NE(open(request(2)), nullptr);
}

TEST_F(FilesTest, AFailedOpenCanBeClosedAndTriedAgain) {
  EXPECT_EQ(open(request(1, 0, "later/file")), nullptr);
  close(1);
  std::filesystem::create_directory(directory_ / "later");
  EXPECT_NE(open(request(2, 0, "later/file")), nullptr);
}

TEST_F(FilesTest, ADirectoryThatWasReplacedIsNoticed) {
  ASSERT_NE(open(request(1, 0, "file")), nullptr);
  std::filesystem::create_directory(directory_ / "sub");
  ASSERT_NE(open(request(2, 1, "sub/file")), nullptr);  // keeps it open
  std::filesystem::rename(directory_ / "sub", directory_ / "old");
  std::filesystem::create_directory(directory_ / "sub");
  ASSERT_NE(open(request(3, 2, "sub/file")), nullptr);
  EXPECT_TRUE(exists(part(2, 0, "sub/file")));
}

TEST_F(FilesTest, CheckTargetWantsADirectoryThatIsThereAndWritable) {
  EXPECT_TRUE(check(directory_ / "file"));
  EXPECT_EQ(check(directory_ / "no/file").error().code, Code::PATH_NOT_FOUND);
  test::write_file(directory_ / "plain", "");
  EXPECT_EQ(check(directory_ / "plain/file").error().code, Code::PATH_NOT_FOUND);
  if (geteuid() == 0) {
    ASSERT_EQ(seteuid(65534), 0);  // root may write everywhere
  } else {
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_read);
  }
  const auto denied = check(directory_ / "file");
  if (getuid() == 0) {
    ASSERT_EQ(seteuid(0), 0);
  } else {
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_all);
  }
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, Code::E_ACCESSDENIED);
}

// A crash came between a write and its record.
TEST_F(FilesTest, WhatLiesInAGapIsNobodysBusinessAndWhatIsStoredIs) {
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  write_at(*sink, 0, "begin");
  write_at(*sink, 100, "middle");
  close(1);
  const auto stored = last<ports::PartStored>();
  const auto spoil = [&](std::uint64_t place, const std::string& bytes) {
    std::fstream file(part(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(place));
    file << bytes;
  };
  spoil(50, "unrecorded");
  spoil(106, "behind it");
  sink = open(resumed(request(1), stored, 2));
  ASSERT_NE(sink, nullptr);
  EXPECT_FALSE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(last<ports::PartOpened>().stored, stored.stored);
  EXPECT_EQ(info_of(part()).st_size, 106) << "trimmed to the end of what is stored";
  close(2);
  spoil(103, "?");
  ASSERT_NE(open(resumed(request(1), stored, 3)), nullptr);
  EXPECT_TRUE(last<ports::PartOpened>().part_lost);
}

}  // namespace
}  // namespace backhaul::posix
