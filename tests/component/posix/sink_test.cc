// SPDX-License-Identifier: Apache-2.0
// What a sink takes, when it is full, and what is told about it.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/random.h"
#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

std::string noise(std::size_t size) {
  base::Prng prng(size);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(prng.next());
  return text;
}

TEST_F(FilesTest, BytesComeOutAsTheyWentInWhateverTheSizes) {
  settings_.write.window = 1 << 20;
  const std::string text = noise(7'654'321);
  for (const bool size_known : {false, true}) {
    const std::uint32_t index = size_known ? 1 : 0;
    auto asked = request(1 + index, index);
    if (size_known) asked.size = text.size();
    ports::Sink* sink = open(asked);
    ASSERT_NE(sink, nullptr);
    base::Prng prng(1);
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view piece = rest.substr(0, prng.below(400'000));
      write(*sink, piece);
      rest.remove_prefix(piece.size());
    }
    EXPECT_EQ(sink->taken(), text.size());
    sink->end_of_data();
    const auto stored = answer<ports::PartStored>();
    EXPECT_TRUE(stored.final);
    EXPECT_EQ(stored.stored.prefix(), text.size());
    EXPECT_EQ(stored.inode, info_of(part(index)).st_ino);
    EXPECT_TRUE(content(part(index)) == text);
  }
}

// Cut while it comes it has its size again with the next bytes, and a hole in front of them.
TEST_F(FilesTest, APartThatSomebodyCutsOrChangesWhileItComesIsNoFile) {
  const std::string text = noise(300'000);
  std::uint64_t transfer = 0;
  for (const bool cut : {true, false}) {
    const std::uint32_t index = cut ? 0 : 1;
    auto asked = request(++transfer, index);
    ASSERT_NE(open(asked), nullptr);
    write(*files().sink(asked.transfer), text);
    close(transfer);
    asked = resumed(asked, last<ports::PartStored>(), ++transfer);
    ports::Sink* sink = open(asked);
    ASSERT_NE(sink, nullptr);
    if (cut) {
      ASSERT_EQ(truncate(part(index).c_str(), 0), 0);
    } else {
      const timespec times[2] = {{0, UTIME_OMIT}, {1'000'000'000, 0}};  // as a write to it would leave it
      ASSERT_EQ(utimensat(AT_FDCWD, part(index).c_str(), times, 0), 0);
    }
    write(*sink, text);
    sink->end_of_data();
    const auto failed = answer<ports::PartFailed>();
    EXPECT_EQ(failed.error.code, base::Code::BG_E_LOCAL_FILE_CHANGED);
    EXPECT_NE(failed.error.text.find(cut ? "cut short to 0 of 300000 bytes" : "changed by somebody"), std::string::npos)
        << failed.error.text;
    EXPECT_FALSE(std::filesystem::exists(part(index))) << "nothing of it is believed any more";
    close(transfer);
  }
}

// As several sources bring them.
TEST_F(FilesTest, BytesOutOfOrderLieWhereTheyBelongAndAreToldAsExtents) {
  settings_.write.window = 1 << 18;
  const std::string text = noise(3'000'000);
  const auto bring = [&](ports::Sink& sink, std::uint64_t from, std::uint64_t until) {
    write_at(sink, from, std::string_view(text).substr(from, until - from));
  };
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  bring(*sink, 2'000'000, 2'500'000);
  bring(*sink, 0, 300'001);
  bring(*sink, 300'001, 700'000);
  EXPECT_EQ(sink->taken(), 1'200'000U);
  close(1);
  const auto stored = last<ports::PartStored>();
  EXPECT_EQ(stored.stored.list(),
            (std::vector<core::Extent>{{0, 700'000}, {2'000'000, 2'500'000}}));
  EXPECT_EQ(stored.tail, digest(std::string_view(text).substr(2'500'000 - core::tail_length,
                                                              core::tail_length)));

  sink = open(resumed(request(1), stored, 2));
  ASSERT_NE(sink, nullptr);
  EXPECT_FALSE(last<ports::PartOpened>().part_lost);
  EXPECT_EQ(sink->taken(), 1'200'000U);
  EXPECT_TRUE(sink->held().tail == text.substr(700'000 - core::sample_bytes, core::sample_bytes))
      << "what lies in front of the first gap";
  bring(*sink, 2'500'000, 3'000'000);
  bring(*sink, 700'000, 2'000'000);
  sink->end_of_data();
  const auto whole = answer<ports::PartStored>();
  EXPECT_TRUE(whole.final);
  EXPECT_EQ(whole.stored, core::Extents::until(3'000'000));
  EXPECT_TRUE(content(part()) == text);
}

// What lies in no page cache, counted in bytes; unset where the file system has every page there.
std::optional<std::size_t> bytes_past_the_cache(const std::string& path) {
  struct statfs volume {};
  constexpr auto ext = 0xEF53;
  constexpr auto xfs = 0x58465342;
  if (statfs(path.c_str(), &volume) != 0 || (volume.f_type != ext && volume.f_type != xfs)) return std::nullopt;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const auto size = static_cast<std::size_t>(lseek(fd, 0, SEEK_END));
  void* memory = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  BH_ASSERT(memory != MAP_FAILED);
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages((size + page - 1) / page);
  BH_ASSERT(mincore(memory, size, pages.data()) == 0);
  munmap(memory, size);
  ::close(fd);
  return page * static_cast<std::size_t>(std::ranges::count_if(pages, [](auto at) { return (at & 1) == 0; }));
}

// What goes past the page cache has to be whole blocks; checkpoints and resumes lie anywhere.
TEST_F(FilesTest, WhatGoesPastThePageCacheIsWholeWhereverItStopsAndGoesOn) {
  settings_.checkpoint_interval = 1ms;
  settings_.write = {.window = 1 << 19, .direct_from = 1 << 20};
  const std::string text = noise(9'876'543);
  base::Prng prng(3);
  const auto bring = [&](ports::Sink& sink, std::size_t until) {
    while (sink.taken() < until) {
      const std::size_t size = std::min<std::size_t>(1 + prng.below(700'000), until - sink.taken());
      write(sink, std::string_view(text).substr(sink.taken(), size));
      loop_.run_once(1ms);
    }
  };
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  bring(*sink, 4'321'001);
  close(1);
  const auto held = last<ports::PartStored>();
  EXPECT_EQ(held.stored, core::Extents::until(4'321'001));
  sink = open(resumed(request(1), held, 2));
  ASSERT_NE(sink, nullptr);
  EXPECT_FALSE(last<ports::PartOpened>().part_lost);
  bring(*sink, text.size());
  sink->end_of_data();
  ASSERT_TRUE(wait([&] { return last<ports::PartStored>().final; }));
  EXPECT_EQ(last<ports::PartStored>().tail,
            digest(std::string_view(text).substr(text.size() - core::tail_length)));
  EXPECT_TRUE(content(part()) == text);
}

TEST_F(FilesTest, TheBeginOfALongPartIsInThePageCacheAndTheRestIsNot) {
  settings_.write.direct_from = 1 << 20;
  constexpr std::size_t size = 6 << 20;
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  write(*sink, noise(size));
  sink->end_of_data();
  ASSERT_TRUE(answer<ports::PartStored>().final);
  const auto past = bytes_past_the_cache(part());
  if (!past) GTEST_SKIP() << "SKIPPED: this file system keeps every page in memory, or is not known here";
  EXPECT_GE(*past, 3U << 20) << "but for what a checkpoint cut, and the end that is read again";
  EXPECT_LE(*past, size - (1U << 20));
}

// The limit lies within a block: the last piece is not one that can go past the page cache.
TEST_F(FilesTest, WhereOnlyAPartOfABlockHasRoomThatIsWrittenAndTheErrorIsTold) {
  settings_.write.direct_from = 0;
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit tight = before;
  tight.rlim_cur = 1'500'007;
  setrlimit(RLIMIT_FSIZE, &tight);
  write(*sink, std::string(3 << 20, 'x'));
  const auto failed = answer<ports::PartFailed>();
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(failed.error.code, Code::FILE_TOO_LARGE);
  EXPECT_EQ(info_of(part()).st_size, 1'500'007);
}

TEST_F(FilesTest, AnEmptyFileIsStoredToo) {
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  sink->end_of_data();
  const auto stored = answer<ports::PartStored>();
  EXPECT_TRUE(stored.final);
  EXPECT_EQ(stored.stored.prefix(), 0U);
}

TEST_F(FilesTest, CloseSyncsWhatWasTakenAndAnswersLast) {
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  write(*sink, "some bytes");
  close(1);
  ASSERT_EQ(inbox_.count<ports::PartStored>(), 1U);
  EXPECT_EQ(last<ports::PartStored>().stored.prefix(), 10U);
  EXPECT_FALSE(last<ports::PartStored>().final);
  EXPECT_TRUE(std::holds_alternative<ports::PartClosed>(inbox_.events.back()));
  EXPECT_EQ(files().sink(base::TransferId{1}), nullptr);
  EXPECT_EQ(content(part()), "some bytes");
}

TEST_F(FilesTest, AfterCloseNothingIsTaken) {
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  files().close(base::TransferId{1});
  EXPECT_FALSE(sink->write_at(sink->taken(), bytes_of("late")));
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartClosed>() == 1; }));
  EXPECT_EQ(content(part()), "");
}

TEST_F(FilesTest, TheFinalPartStoredComesBeforePartClosedEvenIfCloseComesEarly) {
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  write(*sink, "all of it");
  sink->end_of_data();
  close(1);
  ASSERT_EQ(inbox_.count<ports::PartStored>(), 1U);
  EXPECT_TRUE(last<ports::PartStored>().final);
}

TEST_F(FilesTest, CheckpointsTellOfBytesWhileTheTransferGoesOn) {
  settings_.checkpoint_interval = 10ms;
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  write(*sink, "first");
  auto stored = answer<ports::PartStored>();
  EXPECT_EQ(stored.stored.prefix(), 5U);
  EXPECT_FALSE(stored.final);
  EXPECT_EQ(content(part()), "first");
  write(*sink, " second");
  stored = answer<ports::PartStored>();
  EXPECT_EQ(stored.stored.prefix(), 12U);
  test::run_for(loop_, 50ms);
  EXPECT_EQ(inbox_.count<ports::PartStored>(), 2U) << "nothing new, nothing to tell";
}

TEST_F(FilesTest, CheckpointsOfASteadyStreamKeepTheirInterval) {
  settings_.checkpoint_interval = 50ms;
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  const base::BootTime begin = loop_.now();
  while (loop_.now() - begin < 400ms) {
    write(*sink, std::string(1'000, 'x'));
    loop_.run_once(1ms);
  }
  EXPECT_GE(inbox_.count<ports::PartStored>(), 1U);
  EXPECT_LE(inbox_.count<ports::PartStored>(), 8U);
  std::uint64_t before = 0;
  for (const auto& stored : inbox_.all<ports::PartStored>()) {
    EXPECT_GT(stored.stored.prefix(), before);
    before = stored.stored.prefix();
  }
}

TEST_F(FilesTest, AStreamThatOutrunsTheDiskHasCheckpointsToo) {
  settings_.checkpoint_interval = 10ms;
  settings_.buffer = 16 * 1024;
  settings_.waiting_for_disk = 64 * 1024;
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  const std::string piece(16 * 1024, 'x');
  std::function<void()> fill = [&] {
    while (sink->write_at(sink->taken(), bytes_of(piece))) {
    }
    sink->on_room(fill);
  };
  fill();
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartStored>() >= 3; }));
  std::uint64_t before = 0;
  for (const auto& stored : inbox_.all<ports::PartStored>()) {
    EXPECT_GT(stored.stored.prefix(), before);
    before = stored.stored.prefix();
  }
}

TEST_F(FilesTest, AFullSinkTakesNothingAndTellsLaterWhenThereIsRoom) {
  settings_.buffer = 16 * 1024;
  settings_.waiting_for_disk = 64 * 1024;
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  const std::string piece = noise(10'000);
  std::string expected;
  for (int round = 0; round < 50; ++round) {
    while (sink->write_at(sink->taken(), bytes_of(piece))) expected += piece;
    ASSERT_EQ(sink->taken(), expected.size()) << "all or nothing";
    int called = 0;
    sink->on_room([&] { ++called; });
    ASSERT_EQ(called, 0) << "never from inside";
    ASSERT_TRUE(wait([&] { return called > 0; }));
    ASSERT_TRUE(sink->write_at(sink->taken(), bytes_of(piece))) << "room means room";
    expected += piece;
    ASSERT_EQ(called, 1);
  }
  close(1);
  EXPECT_TRUE(content(part()) == expected);
}

TEST_F(FilesTest, TransfersThatTakeTurnsAtSeveralPlacesFillOnePart) {
  settings_.buffer = 16 * 1024;
  settings_.waiting_for_disk = 64 * 1024;
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  const std::string expected = noise(500'000);
  constexpr std::size_t share = 100'000;
  constexpr std::size_t step = 5'000;
  for (std::size_t at = 0; at < share; at += step)
    for (std::size_t begin = 0; begin < expected.size(); begin += share)
      write_at(*sink, begin + at, std::string_view(expected).substr(begin + at, step));
  EXPECT_EQ(sink->taken(), expected.size());
  sink->end_of_data();
  ASSERT_TRUE(wait([&] {
    const auto all = inbox_.all<ports::PartStored>();
    return !all.empty() && all.back().final;
  }));
  EXPECT_EQ(inbox_.all<ports::PartStored>().back().stored, core::Extents::until(expected.size()));
  close(1);
  EXPECT_TRUE(content(part()) == expected);
}

TEST_F(FilesTest, EachTransferThatWaitsForRoomHearsOfIt) {
  settings_.buffer = 16 * 1024;
  settings_.waiting_for_disk = 64 * 1024;
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  const std::string piece = noise(10'000);
  while (sink->write_at(sink->taken(), bytes_of(piece))) {
  }
  int first = 0;
  int second = 0;
  sink->on_room([&] { ++first; });
  sink->on_room([&] { ++second; });
  ASSERT_TRUE(wait([&] { return first > 0 && second > 0; }));
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
  close(1);
}

// Less than an order waits for more, but never while somebody waits for room.
TEST_F(FilesTest, ManySinksThatEachHoldLessThanAnOrderGoOnWithoutACheckpoint) {
  settings_.checkpoint_interval = std::chrono::hours(1);
  settings_.buffer = 4 * 1024;
  settings_.waiting_for_disk = 256 * 1024;
  std::vector<ports::Sink*> sinks;
  for (std::uint32_t i = 0; i < 20; ++i) sinks.push_back(open(request(1 + i, i, "f" + std::to_string(i))));
  const std::string piece(4 * 1024, 'x');
  for (int round = 0; round < 20; ++round) {
    for (ports::Sink* sink : sinks) {
      if (sink->write_at(sink->taken(), bytes_of(piece))) continue;
      bool room = false;
      sink->on_room([&] { room = true; });
      ASSERT_TRUE(wait([&] { return room; }));
      ASSERT_TRUE(sink->write_at(sink->taken(), bytes_of(piece)));
    }
  }
}

TEST_F(FilesTest, ASinkThatHasNothingOnItsWayIsNotStarvedByOthers) {
  settings_.buffer = 16 * 1024;
  settings_.waiting_for_disk = 64 * 1024;
  ports::Sink* greedy = open(request(1, 0, "a"));
  ports::Sink* modest = open(request(2, 1, "b"));
  ASSERT_TRUE(greedy != nullptr && modest != nullptr);
  while (greedy->write_at(greedy->taken(), bytes_of(std::string(30'000, 'g')))) {
  }
  EXPECT_TRUE(modest->write_at(modest->taken(), bytes_of(std::string(30'000, 'm'))));
}

TEST_F(FilesTest, ARestartBeginsAnotherPartAndVoidsWhatWasTaken) {
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  write(*sink, std::string(500'000, 'o'));
  sink->restart(1, false);
  EXPECT_EQ(sink->taken(), 0U);
  write(*sink, "new version");
  sink->end_of_data();
  const auto stored = answer<ports::PartStored>();
  EXPECT_EQ(stored.epoch, 1U);
  EXPECT_EQ(stored.stored.prefix(), 11U);
  EXPECT_TRUE(stored.final);
  EXPECT_EQ(stored.inode, info_of(part(0, 1)).st_ino);
  EXPECT_EQ(content(part(0, 1)), "new version");
  EXPECT_TRUE(exists(part(0, 0))) << "deleted only after the new epoch is on record";
  EXPECT_EQ(inbox_.count<ports::PartStored>(), 1U);
}

TEST_F(FilesTest, ManySmallFilesAreStoredTogether) {
  constexpr std::uint32_t count = 300;
  std::filesystem::create_directory(directory_ / "other");
  const auto name = [](std::uint32_t i) {
    return (i % 3 == 0 ? "other/" : "") + std::to_string(i);
  };
  for (std::uint32_t i = 0; i < count; ++i) files().open(request(i + 1, i, name(i)));
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartOpened>() == count; }));
  for (std::uint32_t i = 0; i < count; ++i) {
    ports::Sink* sink = files().sink(base::TransferId{i + 1});
    ASSERT_NE(sink, nullptr);
    write(*sink, noise(i * 7));
    sink->end_of_data();
  }
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartStored>() == count; }));
  for (const auto& stored : inbox_.all<ports::PartStored>()) {
    EXPECT_TRUE(stored.final);
    const auto index = static_cast<std::uint32_t>(stored.transfer) - 1;
    EXPECT_EQ(stored.stored.prefix(), index * 7);
    EXPECT_TRUE(content(part(index, 0, name(index))) == noise(index * 7)) << index;
  }
}

TEST_F(FilesTest, AFailedWriteSpoilsThePartForGood) {
  settings_.checkpoint_interval = 5ms;
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit tight = before;
  tight.rlim_cur = 100'000;
  setrlimit(RLIMIT_FSIZE, &tight);
  write(*sink, std::string(300'000, 'x'));
  const auto failed = answer<ports::PartFailed>();
  setrlimit(RLIMIT_FSIZE, &before);

  EXPECT_EQ(failed.error.code, Code::FILE_TOO_LARGE);
  EXPECT_EQ(failed.error.context, base::ErrorContext::local_file);
  EXPECT_NE(failed.error.text.find(part()), std::string::npos) << failed.error.text;
  const std::size_t stored = inbox_.count<ports::PartStored>();
  EXPECT_FALSE(sink->write_at(sink->taken(), bytes_of("more")));
  sink->end_of_data();
  close(1);
  test::run_for(loop_, 20ms);
  EXPECT_EQ(inbox_.count<ports::PartStored>(), stored) << "no PartStored after a failure";
  EXPECT_EQ(inbox_.count<ports::PartFailed>(), 1U);
}

TEST_F(FilesTest, AFullDiskIsReportedAndOtherVolumesGoOn) {
  const std::string small = directory_ / "small";
  std::filesystem::create_directory(small);
  if (mount("none", small.c_str(), "tmpfs", 0, "size=256k") != 0)
    GTEST_SKIP() << "SKIPPED: this needs the right to mount a small tmpfs";
  ports::Sink* full = open(request(1, 0, "small/file"));
  ports::Sink* other = open(request(2, 1, "file"));
  ASSERT_TRUE(full != nullptr && other != nullptr);
  write(*full, std::string(2'000'000, 'x'));
  write(*other, std::string(2'000'000, 'x'));
  other->end_of_data();
  EXPECT_EQ(answer<ports::PartFailed>().error.code, Code::DISK_FULL);
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartStored>() > 0; }));
  EXPECT_EQ(last<ports::PartStored>().transfer, base::TransferId{2});
  files_.reset();
  EXPECT_EQ(umount(small.c_str()), 0);
}

TEST_F(FilesTest, DestructionInTheMiddleOfEverythingIsQuiet) {
  for (std::uint32_t i = 0; i < 20; ++i) files().open(request(i + 1, i, std::to_string(i)));
  ASSERT_TRUE(wait([&] { return inbox_.count<ports::PartOpened>() >= 10; }));
  for (std::uint32_t i = 0; i < 20; ++i) {
    if (ports::Sink* sink = files().sink(base::TransferId{i + 1})) {
      (void)sink->write_at(sink->taken(), bytes_of(noise(600'000)));
      if (i % 2 == 0) sink->end_of_data();
    }
  }
  files().discard({.job = job_, .owner = owner_, .parts = {}});
  files_.reset();
  const std::size_t events = inbox_.events.size();
  test::run_for(loop_, 10ms);
  EXPECT_EQ(inbox_.events.size(), events);
}

}  // namespace
}  // namespace backhaul::posix
