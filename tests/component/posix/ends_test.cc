// SPDX-License-Identifier: Apache-2.0
// How parts end: published, discarded, swept.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

namespace fs = std::filesystem;

class Ends : public FilesTest {
 protected:
  ports::Published publish(ports::PublishRequest request) {
    request.job = job_;
    files().publish(std::move(request));
    return answer<ports::Published>();
  }
  ports::Published publish_one(const ports::PublishFile& file) {
    return publish({.job = {}, .owner = owner_, .files = {file}, .drop = {}});
  }
  // The part is not what was received: nothing takes the local name.
  void expect_lost(const ports::PublishFile& file, Code code, const std::string& text) {
    const auto published = publish_one(file);
    EXPECT_EQ(published.files[0].placing, ports::Placing::lost);
    ASSERT_TRUE(published.files[0].error);
    EXPECT_EQ(published.files[0].error->code, code);
    EXPECT_EQ(published.files[0].error->context, base::ErrorContext::local_file);
    EXPECT_NE(published.files[0].error->text.find(text), std::string::npos)
        << published.files[0].error->text;
    EXPECT_NE(published.files[0].error->text.find(file.part.local), std::string::npos);
  }
  ports::PartRef ref(std::uint32_t index, std::uint32_t epoch = 0,
                     const std::string& name = "file") const {
    return {index, epoch, directory_ / name};
  }
  void sweep(ports::PartRef keep) { files().sweep({job_, owner_, keep, {}, keep.epoch}); }
  // A sweep has no answer; one that is asked for later ends later.
  void wait_for_sweeps() {
    test::write_file(part(99, 0, "mark"), "");
    sweep(ref(99, 1, "mark"));
    ASSERT_TRUE(wait([&] { return !exists(part(99, 0, "mark")); }));
  }
};

// Whom it is for, what is allowed, a number.
std::string entry_of(char whose, char allowed, std::uint32_t number = UINT32_MAX) {
  std::string entry{whose, 0, allowed, 0};
  for (int shift = 0; shift < 32; shift += 8) entry += static_cast<char>(number >> shift);
  return entry;
}

TEST_F(Ends, WhereFilesBeginWithAnAccessListAPublishedOneHasItInPlaceOfTheUmask) {
  umask_ = 077;
  const std::string version("\2\0\0\0", 4);
  const auto list = [&](char owner, char user, char group, char mask, char others) {
    return version + entry_of(1, owner) + entry_of(2, user, 70001) + entry_of(4, group) + entry_of(16, mask) +
           entry_of(32, others);
  };
  const std::string first = list(7, 7, 5, 7, 5);
  if (setxattr(directory_.path().c_str(), "system.posix_acl_default", first.data(), first.size(), 0) != 0)
    GTEST_SKIP() << "the file system has no access lists";
  EXPECT_FALSE(publish_one(to_publish(store(1, "content"))).files[0].error);
  std::array<char, 256> has{};
  const ssize_t size =
      getxattr((directory_ / "file").c_str(), "system.posix_acl_access", has.data(), has.size());
  ASSERT_GT(size, 0);
  // What a program gets that makes one with 0666.
  EXPECT_EQ(std::string(has.data(), static_cast<std::size_t>(size)), list(6, 7, 5, 6, 4));
  EXPECT_EQ(info_of(directory_ / "file").st_mode & 07777, 0664U);
}

TEST_F(Ends, APublishedFileHasItsNameTimeAndMode) {
  umask_ = 027;
  auto file = to_publish(store(1, "content"));
  file.modified = base::from_epoch_us(1'600'000'000'500'000);
  const auto published = publish_one(file);
  ASSERT_EQ(published.files.size(), 1U);
  EXPECT_FALSE(published.files[0].error);
  EXPECT_FALSE(published.leftovers);
  const struct stat info = info_of(directory_ / "file");
  EXPECT_EQ(info.st_mode & 07777, 0640U);
  EXPECT_EQ(info.st_mtim.tv_sec, 1'600'000'000);
  EXPECT_EQ(info.st_mtim.tv_nsec, 500'000'000);
  EXPECT_EQ(content(directory_ / "file"), "content");
  EXPECT_FALSE(exists(part()));
}

TEST_F(Ends, PublishingReplacesAnExistingFileAndNotWhatALinkPointsTo) {
  test::write_file(directory_ / "victim", "precious");
  ASSERT_EQ(symlink((directory_ / "victim").c_str(), (directory_ / "file").c_str()), 0);
  EXPECT_FALSE(publish_one(to_publish(store(1, "new"))).files[0].error);
  EXPECT_TRUE(S_ISREG(info_of(directory_ / "file").st_mode));
  EXPECT_EQ(content(directory_ / "file"), "new");
  EXPECT_EQ(content(directory_ / "victim"), "precious");
}

TEST_F(Ends, PublishingAgainAfterACrashSucceeds) {
  const auto first = store(1, "one", 0, "a");
  const auto second = store(2, "two", 1, "b");
  const ports::PublishRequest request{
      .job = {}, .owner = owner_, .files = {to_publish(first, 0, "a"), to_publish(second, 1, "b")}, .drop = {}};
  // The crash came between the two renames.
  fs::rename(part(0, 0, "a"), directory_ / "a");
  for (int i = 0; i < 2; ++i) {
    const auto published = publish(request);
    EXPECT_FALSE(published.files[0].error);
    EXPECT_FALSE(published.files[1].error);
  }
  EXPECT_EQ(content(directory_ / "a"), "one");
  EXPECT_EQ(content(directory_ / "b"), "two");
}

TEST_F(Ends, OfTwoFilesWithOneNameTheLaterOneStaysAlsoAfterACrash) {
  const auto first = store(1, "one", 0, "a");
  const auto second = store(2, "two", 1, "a");
  const ports::PublishRequest request{
      .job = {}, .owner = owner_, .files = {to_publish(first, 0, "a"), to_publish(second, 1, "a")}, .drop = {}};
  for (int i = 0; i < 2; ++i) {  // the crash came before anybody knew
    const auto published = publish(request);
    EXPECT_FALSE(published.files[0].error);
    EXPECT_FALSE(published.files[1].error);
    EXPECT_EQ(content(directory_ / "a"), "two");
  }
  fs::remove(directory_ / "a");
  EXPECT_TRUE(publish(request).files[0].error) << "both are lost";
}

TEST_F(Ends, APartThatIsGoneIsNotMistakenForAnotherFileOfThatName) {
  const auto stored = store(1, "one");
  fs::rename(part(), directory_ / "elsewhere");  // not deleted: its inode would be given out again
  test::write_file(directory_ / "file", "two");
  expect_lost(to_publish(stored), Code::FILE_NOT_FOUND, "no longer there");
  EXPECT_EQ(content(directory_ / "file"), "two");
}

TEST_F(Ends, APartThatWasReplacedIsNotPublished) {
  const auto stored = store(1, "one");
  test::write_file(directory_ / "other", "new");
  fs::rename(directory_ / "other", part());
  expect_lost(to_publish(stored), Code::BG_E_LOCAL_FILE_CHANGED, "");
}

// Its number may be the one of the deleted file, and its size is the same.
TEST_F(Ends, APartWithOtherBytesUnderTheSameNumberIsNotPublished) {
  const auto stored = store(1, std::string(200'000, 'x'));
  test::write_file(part(), std::string(200'000, '\0'));
  ASSERT_EQ(info_of(part()).st_ino, stored.inode);
  expect_lost(to_publish(stored), Code::BG_E_LOCAL_FILE_CHANGED, "changed");
}

TEST_F(Ends, APartThatWasWrittenToInTheMiddleIsNotPublished) {
  auto file = to_publish(store(1, std::string(200'000, 'x')));
  if (file.recorded.last_write == 0) GTEST_SKIP() << "this file system may change times later";
  const int fd = ::open(part().c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(pwrite(fd, "yyyy", 4, 1000), 4);
  // As of another moment, however coarse the clock of the file system is.
  const timespec times[2] = {{0, UTIME_OMIT}, {1'700'000'000, 0}};
  EXPECT_EQ(futimens(fd, times), 0);
  close(fd);
  expect_lost(file, Code::BG_E_LOCAL_FILE_CHANGED, "changed by somebody");
}

TEST_F(Ends, APartWhoseTimeWasSetBeforeACrashIsPublished) {
  auto file = to_publish(store(1, "content"));
  file.modified = base::from_epoch_us(1'600'000'000'000'000);
  const timespec times[2] = {{0, UTIME_OMIT}, {1'600'000'000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, part().c_str(), times, 0), 0);
  EXPECT_EQ(publish_one(file).files[0].placing, ports::Placing::in_place);
}

TEST_F(Ends, APartThatWasCutShortIsNotPublishedAndTheTextNamesBothSizes) {
  const auto stored = store(1, std::string(3'000, 'x'));
  fs::resize_file(part(), 100);
  expect_lost(to_publish(stored), Code::BG_E_LOCAL_FILE_CHANGED, "100 of 3000 bytes");
}

TEST_F(Ends, APartThatGrewIsNotPublished) {
  const auto stored = store(1, "one");
  test::write_file(part(), "one and more");
  expect_lost(to_publish(stored), Code::BG_E_LOCAL_FILE_CHANGED, "changed");
}

TEST_F(Ends, AnythingButAFileInThePlaceOfAPartIsNotPublishedAndHoldsNobody) {
  const auto stored = store(1, "one");
  fs::rename(part(), directory_ / "moved");
  fs::create_symlink(directory_ / "moved", part());
  expect_lost(to_publish(stored), Code::BG_E_LOCAL_FILE_CHANGED, "no file");
  fs::remove(part());
  ASSERT_EQ(mkfifo(part().c_str(), 0600), 0);
  expect_lost(to_publish(stored), Code::BG_E_LOCAL_FILE_CHANGED, "no file");
}

TEST_F(Ends, EveryPartIsLookedAtBeforeTheFirstIsRenamed) {
  const auto good = store(1, "good", 0, "a");
  const auto gone = store(2, "gone", 1, "b");
  unlink(part(1, 0, "b").c_str());
  const auto published = publish(
      {.job = {}, .owner = owner_, .files = {to_publish(good, 0, "a"), to_publish(gone, 1, "b")}, .drop = {}});
  EXPECT_EQ(published.files[0].placing, ports::Placing::kept);
  EXPECT_FALSE(published.files[0].error) << "nothing is wrong with it";
  EXPECT_EQ(published.files[1].placing, ports::Placing::lost);
  EXPECT_FALSE(exists(directory_ / "a"));
  EXPECT_TRUE(exists(part(0, 0, "a")));
}

TEST_F(Ends, ALookPutsNothingInPlace) {
  const auto good = store(1, "good", 0, "a");
  const auto published = publish(
      {.job = {}, .owner = owner_, .files = {to_publish(good, 0, "a")}, .drop = {ref(5)}, .only_look = true});
  EXPECT_TRUE(published.only_looked);
  EXPECT_EQ(published.files[0].placing, ports::Placing::kept);
  EXPECT_FALSE(published.files[0].error);
  EXPECT_TRUE(exists(part(0, 0, "a")));
}

// vfat and FUSE: the volume was taken away and put back.
TEST_F(Ends, InAnotherMountAPartIsKnownByItsEnd) {
  auto file = to_publish(store(1, "one"));
  ++file.recorded.mount;
  ++file.recorded.inode;
  EXPECT_EQ(publish_one(file).files[0].placing, ports::Placing::in_place);
  EXPECT_EQ(content(directory_ / "file"), "one");
  file.modified = base::from_epoch_us(1'600'000'000'000'000);
  expect_lost(file, Code::FILE_NOT_FOUND, "");  // a file of that name with another time
}

TEST_F(Ends, AVolumeThatCameBackUnderAnotherNumberHasItsParts) {
  auto file = to_publish(store(1, "one"));
  ++file.recorded.volume;
  ++file.recorded.mount;
  ++file.recorded.inode;
  EXPECT_EQ(publish_one(file).files[0].placing, ports::Placing::in_place);
  EXPECT_EQ(content(directory_ / "file"), "one");
}

TEST_F(Ends, AnotherVolumeKeepsTheFileUntilItsOwnIsBack) {
  auto file = to_publish(store(1, "one"));
  ++file.recorded.volume;
  fs::rename(part(), directory_ / "elsewhere");
  for (const char* found : {"", "two"}) {
    if (*found != 0) test::write_file(part(), found);
    const auto published = publish_one(file);
    EXPECT_EQ(published.files[0].placing, ports::Placing::kept) << found;
    ASSERT_TRUE(published.files[0].error);
    EXPECT_EQ(published.files[0].error->code, Code::BG_E_VOLUME_CHANGED);
  }
  EXPECT_EQ(content(part()), "two") << "it is not ours";
}

TEST_F(Ends, ADirectoryThatIsGoneKeepsEveryFileUntilItIsBack) {
  fs::create_directory(directory_ / "sub");
  const auto away = store(1, "away", 0, "sub/a");
  const auto here = store(2, "here", 1, "b");
  fs::rename(directory_ / "sub", directory_ / "moved");
  const ports::PublishRequest request{
      .job = {}, .owner = owner_, .files = {to_publish(away, 0, "sub/a"), to_publish(here, 1, "b")}, .drop = {}};
  auto published = publish(request);
  ASSERT_EQ(published.files.size(), 2U);
  EXPECT_EQ(published.files[0].index, 0U);
  EXPECT_EQ(published.files[0].placing, ports::Placing::kept);
  ASSERT_TRUE(published.files[0].error);
  EXPECT_EQ(published.files[0].error->code, Code::PATH_NOT_FOUND);
  EXPECT_EQ(published.files[1].placing, ports::Placing::kept);
  EXPECT_FALSE(exists(directory_ / "b"));
  fs::rename(directory_ / "moved", directory_ / "sub");
  published = publish(request);
  EXPECT_EQ(published.files[0].placing, ports::Placing::in_place);
  EXPECT_EQ(content(directory_ / "sub/a"), "away");
  EXPECT_EQ(content(directory_ / "b"), "here");
}

TEST_F(Ends, UnfinishedPartsGoOnlyAfterEveryFileWasPublished) {
  const auto good = store(1, "good", 0, "a");
  store(2, "unfinished", 1, "b");
  auto bad = to_publish(good, 0, "a");
  ++bad.recorded.tail;
  publish({.job = {}, .owner = owner_, .files = {bad}, .drop = {ref(1, 0, "b")}});
  EXPECT_TRUE(exists(part(1, 0, "b")));
  const auto published =
      publish({.job = {}, .owner = owner_, .files = {to_publish(good, 0, "a")}, .drop = {ref(1, 0, "b"), ref(7)}});
  EXPECT_FALSE(exists(part(1, 0, "b")));
  EXPECT_FALSE(published.leftovers) << "a part that was never made is no leftover";
}

// What a part will hold, told while it is closed, is told until it stands in the rows.
TEST_F(Ends, WhatAClosedPartHoldsIsKnownUntilItIsForgotten) {
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  EXPECT_FALSE(files().coming(base::TransferId{1}));
  write(*sink, "twelve bytes");
  close(1);
  const auto coming = files().coming(base::TransferId{1});
  ASSERT_TRUE(coming);
  EXPECT_EQ(coming->octets, 12U);
  EXPECT_EQ(coming->octets, last<ports::PartStored>().stored.total());
  files().forget(base::TransferId{1});
  EXPECT_FALSE(files().coming(base::TransferId{1}));
  files().forget(base::TransferId{1});
}

// Those that come while others are put in place share a look, a sync and a deletion with each other.
TEST_F(Ends, OfJobsThatEndTogetherEachGetsItsOwnFilesAndItsOwnAnswer) {
  settings_.publishing.at_once = 1;
  struct One {
    base::JobId job;
    ports::PublishFile file;
  };
  std::vector<One> jobs;
  for (std::uint8_t i = 0; i < 6; ++i) {
    const std::string name = "f" + std::to_string(i);
    job_.bytes[0] = i;
    const auto stored = store(i + 1U, "content of " + name, i, name);
    jobs.push_back({job_, to_publish(stored, i, name)});
    test::write_file(part(i, 7, name), "left over");
  }
  job_ = jobs[3].job;
  std::filesystem::remove(part(3, 0, "f3"));
  for (const One& one : jobs) {
    const ports::PartRef old{one.file.part.index, 7, one.file.part.local};
    files().publish({.job = one.job, .owner = owner_, .files = {one.file}, .drop = {old}});
  }
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::Published>() == jobs.size(); }));
  for (const auto& published : inbox_.all<ports::Published>()) {
    ASSERT_EQ(published.files.size(), 1U);
    const std::uint32_t i = published.files[0].index;
    const std::string name = "f" + std::to_string(i);
    EXPECT_EQ(published.job, jobs[i].job);
    EXPECT_FALSE(published.leftovers);
    job_ = published.job;
    const bool lost = i == 3;
    EXPECT_EQ(published.files[0].placing, lost ? ports::Placing::lost : ports::Placing::in_place);
    EXPECT_EQ(exists(directory_ / name), !lost);
    EXPECT_EQ(exists(part(i, 7, name)), lost) << "what is dropped goes where all is in place, and there alone";
    EXPECT_EQ(lost ? "" : content(directory_ / name), lost ? "" : "content of " + name);
  }
}

TEST_F(Ends, PublishingWaitsForTheSinksOfTheJob) {
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  write(*sink, std::string(2'000'000, 'x'));
  sink->end_of_data();
  files().close(base::TransferId{1});
  const auto opened = last<ports::PartOpened>();
  files().publish({.job = job_, .owner = owner_,
                   .files = {{.part = ref(0),
                              .recorded = {.volume = opened.device,
                                           .mount = opened.mount,
                                           .inode = opened.inode,
                                           .stored = core::Extents::until(2'000'000)},
                              .modified = {}}},
                   .drop = {}});
  EXPECT_FALSE(answer<ports::Published>().files[0].error);
  EXPECT_EQ(inbox_.count<ports::PartClosed>(), 1U);
  EXPECT_EQ(info_of(directory_ / "file").st_size, 2'000'000);
}

TEST_F(Ends, DiscardDeletesPartsAndDoesNotMindMissingOnes) {
  store(1, "one", 0, "a");
  store(2, "two", 1, "b");
  files().discard({.job = job_, .owner = owner_,
                   .parts = {ref(0, 0, "a"), ref(1, 0, "b"), ref(2, 0, "c"), ref(3, 0, "no/d")}});
  EXPECT_FALSE(answer<ports::Discarded>().leftovers);
  EXPECT_FALSE(exists(part(0, 0, "a")));
  EXPECT_FALSE(exists(part(1, 0, "b")));
}

TEST_F(Ends, WhatCannotBeDeletedIsALeftoverAndIsLogged) {
  fs::create_directory(part());
  files().discard({.job = job_, .owner = owner_, .parts = {ref(0)}});
  EXPECT_TRUE(answer<ports::Discarded>().leftovers);
  EXPECT_NE(log_.text().find(part()), std::string::npos) << log_.text();
}

TEST_F(Ends, ASweepKeepsOneEpochAndTheFilesOfOthers) {
  for (const std::uint32_t epoch : {0, 1, 2, 3, 11}) test::write_file(part(0, epoch), "");
  test::write_file(part(1, 0), "another file of the job");
  test::write_file(directory_ / ".BITunrelated-0-0.tmp", "");
  sweep(ref(0, 2));
  wait_for_sweeps();
  for (const std::uint32_t epoch : {0, 1, 3, 11}) EXPECT_FALSE(exists(part(0, epoch))) << epoch;
  EXPECT_TRUE(exists(part(0, 2)));
  EXPECT_TRUE(exists(part(1, 0)));
  EXPECT_TRUE(exists(directory_ / ".BITunrelated-0-0.tmp"));
}

TEST_F(Ends, ASweepKeepsThePartBesideTheOneOnRecord) {
  for (const std::uint32_t epoch : {0, 2, 3, 5, 6}) test::write_file(part(0, epoch), "");
  files().sweep({job_, owner_, ref(0, 2), 5, 5});
  wait_for_sweeps();
  for (const std::uint32_t epoch : {0, 3, 6}) EXPECT_FALSE(exists(part(0, epoch))) << epoch;
  for (const std::uint32_t epoch : {2, 5}) EXPECT_TRUE(exists(part(0, epoch))) << epoch;
}

TEST_F(Ends, ASweepNeverTakesThePartThatIsBeingReceived) {
  auto asked = request(1);
  asked.epoch = 4;
  test::write_file(part(0, 3), "old");
  ports::Sink* sink = open(asked);
  ASSERT_NE(sink, nullptr);
  write(*sink, "before");
  sink->restart(5, false);
  write(*sink, "after");
  sweep(ref(0, 4));  // asked for when 4 was the one on record
  wait_for_sweeps();
  sink->end_of_data();
  EXPECT_EQ(answer<ports::PartStored>().epoch, 5U);
  EXPECT_FALSE(exists(part(0, 3)));
  EXPECT_EQ(content(part(0, 5)), "after");
}

TEST_F(Ends, ASweepTakesALaterPartThatIsKnownWhileAnEarlierOneIsOpen) {
  auto asked = request(1);
  asked.epoch = 1;
  for (const std::uint32_t epoch : {0, 3, 4}) test::write_file(part(0, epoch), "old");
  ASSERT_NE(open(asked), nullptr);
  files().sweep({job_, owner_, ref(0, 1), {}, 3});
  wait_for_sweeps();
  for (const std::uint32_t epoch : {0, 3}) EXPECT_FALSE(exists(part(0, epoch))) << epoch;
  for (const std::uint32_t epoch : {1, 4}) EXPECT_TRUE(exists(part(0, epoch))) << epoch;
}

TEST_F(Ends, AnOpenWaitsForASweepOfTheSameFile) {
  test::write_file(part(0, 0), "old");
  sweep(ref(0, 1));
  ASSERT_NE(open(request(1)), nullptr);
  wait_for_sweeps();
  EXPECT_TRUE(exists(part(0, 0))) << "the sweep came before";
}

// With whose rights would it be? Refused, and nothing is touched.
TEST_F(Ends, NothingIsDoneForAnotherUser) {
  const auto stored = store(1, "content");
  const core::Owner other{geteuid() + 1, {}};
  auto opened = request(2);
  opened.owner = other;
  EXPECT_EQ(open(opened), nullptr);
  EXPECT_EQ(last<ports::PartFailed>().error.code, Code::E_ACCESSDENIED);
  close(2);
  files().publish(
      {.job = job_, .owner = other, .files = {to_publish(stored)}, .drop = {ref(0)}});
  const auto published = last<ports::Published>();
  ASSERT_EQ(published.files.size(), 1U);
  EXPECT_EQ(published.files[0].placing, ports::Placing::kept);
  EXPECT_EQ(published.files[0].error->code, Code::E_ACCESSDENIED);
  files().discard({.job = job_, .owner = other, .parts = {ref(0)}});
  EXPECT_TRUE(last<ports::Discarded>().leftovers);
  files().check(base::CheckId{1}, {other, {{directory_ / "file", {}}}});
  EXPECT_EQ(last<ports::DestinationsChecked>().refusal->code, Code::E_ACCESSDENIED);
  files().sweep({job_, other, ref(0, 1), {}, 1});
  wait_for_sweeps();
  EXPECT_EQ(content(part()), "content");
  EXPECT_FALSE(exists(directory_ / "file"));
}

}  // namespace
}  // namespace backhaul::posix
