// SPDX-License-Identifier: Apache-2.0
// Parts that lie in the place of their files from the first byte on: never written into what stood there,
// never taken for what somebody put there since.
#include <unistd.h>

#include <filesystem>

#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

namespace fs = std::filesystem;

class InPlace : public FilesTest {
 protected:
  ports::OpenPart in_place(std::uint64_t transfer, std::uint32_t index = 0) {
    ports::OpenPart open = request(transfer, index);
    open.in_place = true;
    return open;
  }
  ports::PartStored end(ports::Sink& sink, std::uint64_t transfer) {
    sink.end_of_data();
    const auto stored = answer<ports::PartStored>();
    close(transfer);
    return stored;
  }
  ports::PublishFile published(const ports::PartStored& stored, std::uint32_t index = 0) {
    ports::PublishFile file = to_publish(stored, index);
    file.in_place = true;
    return file;
  }
  ports::Published publish(std::vector<ports::PublishFile> list) {
    files().publish({.job = job_, .owner = owner_, .files = std::move(list), .drop = {}});
    return answer<ports::Published>();
  }
  const std::string file_ = directory_ / "file";
};

TEST_F(InPlace, ThePartTakesTheNameWithTheFirstByteAndWritesIntoNothingThatStoodThere) {
  test::write_file(file_, "before");
  fs::create_hard_link(file_, directory_ / "another name");
  ports::Sink* sink = open(in_place(1));
  ASSERT_NE(sink, nullptr);
  EXPECT_EQ(content(file_), "before") << "nothing came yet";
  write(*sink, "new");
  EXPECT_TRUE(wait([&] { return content(file_) == "new"; })) << "and it is seen";
  close(1);
  EXPECT_EQ(content(file_), "new");
  EXPECT_EQ(content(directory_ / "another name"), "before");
  EXPECT_FALSE(exists(part()));
  const auto stored = last<ports::PartStored>();
  EXPECT_EQ(stored.stored.prefix(), 3U);
  EXPECT_EQ(info_of(file_).st_ino, stored.inode);
}

TEST_F(InPlace, IsGoneOnWithWhereItsBytesAreThere) {
  ports::Sink* sink = open(in_place(1));
  write(*sink, "012345");
  close(1);
  sink = open(resumed(in_place(2), last<ports::PartStored>(), 2));
  ASSERT_NE(sink, nullptr);
  EXPECT_EQ(sink->taken(), 6U);
  write(*sink, "789");
  end(*sink, 2);
  EXPECT_EQ(content(file_), "012345789");
}

TEST_F(InPlace, AnotherFileOfThatNameIsNotWrittenInto) {
  auto opened = request(1);
  write(*open(in_place(1)), "012345");
  close(1);
  const auto stored = last<ports::PartStored>();
  fs::rename(file_, directory_ / "elsewhere");
  test::write_file(file_, "precious");
  fs::create_hard_link(file_, directory_ / "kept");
  ASSERT_NE(open(resumed(in_place(2), stored, 2)), nullptr);
  EXPECT_TRUE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(content(file_), "precious");
}

// The record of a part without bytes has a number only, which may be of another file by now.
TEST_F(InPlace, ARecordWithoutBytesProvesNothing) {
  ASSERT_NE(open(in_place(1)), nullptr);
  const auto opened = last<ports::PartOpened>();
  close(1);
  fs::rename(part(), file_);  // the same number under the name
  test::write_file(file_, "precious");
  ASSERT_NE(open(resumed(in_place(2), opened, 2)), nullptr);
  EXPECT_FALSE(last<ports::PartOpened>().part_lost) << "nothing was";
  EXPECT_EQ(content(file_), "precious");
}

TEST_F(InPlace, NothingIsRecordedOnTheWay) {
  settings_.checkpoint_interval = 0s;
  ports::Sink* sink = open(in_place(1));
  ports::Sink* other = open(request(2, 1, "other"));
  write(*sink, "01234");
  write(*other, "01234");
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartStored>() > 0; }));
  EXPECT_EQ(inbox_.all<ports::PartStored>()[0].transfer, base::TransferId{2}) << "others have checkpoints";
  close(1);
  EXPECT_EQ(last<ports::PartStored>().transfer, base::TransferId{1});
  EXPECT_EQ(last<ports::PartStored>().stored.prefix(), 5U);
}

TEST_F(InPlace, ANewVersionTakesThePlaceOfTheOneBefore) {
  ports::Sink* sink = open(in_place(1));
  write(*sink, "old");
  sink->restart(1, false);
  write(*sink, "newer");
  const auto stored = end(*sink, 1);
  EXPECT_EQ(content(file_), "newer");
  EXPECT_FALSE(exists(part(0, 1)));
  EXPECT_EQ(stored.epoch, 1U);
}

// Its server gives no rest of it, so all of it comes once more, and may never be here.
TEST_F(InPlace, WhatIsHeldStandsThereUntilTheOneBesideItIsWhole) {
  write(*open(in_place(1)), "0123");
  close(1);
  const auto held = last<ports::PartStored>();
  ports::Sink* sink = open(resumed(in_place(2), held, 2));
  sink->restart(1, true);
  write(*sink, "012345");
  close(2);
  EXPECT_EQ(last<ports::PartStored>().epoch, 1U);
  EXPECT_EQ(content(file_), "0123");
  EXPECT_EQ(content(part(0, 1)), "012345");

  sink = open(resumed(in_place(3), held, 3));
  ASSERT_NE(sink, nullptr);
  EXPECT_FALSE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(sink->taken(), 4U);
  sink->restart(2, true);
  write(*sink, "0123456789");
  const auto whole = end(*sink, 3);
  EXPECT_EQ(content(file_), "0123456789");
  EXPECT_EQ(info_of(file_).st_ino, whole.inode);
  EXPECT_FALSE(exists(part(0, 2)));
}

TEST_F(InPlace, AnEmptyFileHasItsNameAtItsEnd) {
  end(*open(in_place(1)), 1);
  EXPECT_EQ(content(file_), "");
  EXPECT_TRUE(exists(file_));
  EXPECT_FALSE(exists(part()));
}

TEST_F(InPlace, WhatMayNotBeReplacedIsNot) {
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  ports::Sink* sink = open(in_place(1));
  ASSERT_NE(sink, nullptr);
  write(*sink, "x");
  sink->end_of_data();
  EXPECT_EQ(answer<ports::PartFailed>().error.code, Code::BAD_FILE_TYPE);
  EXPECT_TRUE(S_ISFIFO(info_of(file_).st_mode));
}

TEST_F(InPlace, CompleteProvesItAndGivesItTheRightsOfAFile) {
  ports::Sink* sink = open(in_place(1));
  write(*sink, "content");
  const auto stored = end(*sink, 1);
  EXPECT_EQ(info_of(file_).st_mode & 07777, 0600U);
  for (int again = 0; again < 2; ++again) {  // a crash came before anybody knew
    EXPECT_FALSE(publish({published(stored)}).files[0].error);
    EXPECT_EQ(info_of(file_).st_mode & 0777, 0666U & ~umask_);
    EXPECT_EQ(content(file_), "content");
  }
  test::write_file(file_, "changed");
  const auto changed = publish({published(stored)});
  EXPECT_EQ(changed.files[0].placing, ports::Placing::lost);
  EXPECT_EQ(changed.files[0].error->code, Code::BG_E_LOCAL_FILE_CHANGED);
}

TEST_F(InPlace, OfTwoFilesWithOneNameTheLaterOneStays) {
  write(*open(in_place(1)), "one that is longer");
  const auto first = end(*files().sink(base::TransferId{1}), 1);
  write(*open(in_place(2, 1)), "two");
  const auto second = end(*files().sink(base::TransferId{2}), 2);
  const auto both = publish({published(first, 0), published(second, 1)});
  EXPECT_FALSE(both.files[0].error);
  EXPECT_FALSE(both.files[1].error);
  EXPECT_EQ(content(file_), "two");
}

}  // namespace
}  // namespace backhaul::posix
