// SPDX-License-Identifier: Apache-2.0
// The life of a job from Enqueue to Complete or Cancel (jobs.md §3-§5, §13).
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

TEST(Lifecycle, ADownloadPassesThroughItsStatesAndIsCompletedByItsOwner) {
  Story s;
  s.serve("x", 3000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(10s);
  EXPECT_FALSE(s.has_file("x"));  // only Complete makes it visible
  s.complete(a);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
4 a is transferred
10 a is acknowledged
10 a is removed
10 Complete a: S_OK
)");
  EXPECT_TRUE(s.has_file("x"));
  EXPECT_EQ(s.files_on_disk(), 1U);
}

TEST(Lifecycle, ANewJobIsSuspendedAndCannotStartWithoutAFile) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.create("a");
  s.start(a);
  s.add_files(a, {"x"});
  s.start(a);
  s.run(5s);
  EXPECT_EQ(s.told(), R"(
0 a is suspended
0 Enqueue: a
0 Start a: BG_E_EMPTY
0 AddFiles a: S_OK
0 a is queued
0 Start a: S_OK
0 a is connecting
1 a is transferring
2 a is transferred
)");
}

TEST(Lifecycle, SuspendStopsTheTransferAndStartContinuesIt) {
  Story s;
  s.serve("x", 5000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(3500ms);
  s.suspend(a);
  EXPECT_EQ(s.file(a, 0).stored.prefix(), 2000U);
  s.run(10s);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
3.5 a is suspended
3.5 Suspend a: S_OK
13.5 a is queued
13.5 Start a: S_OK
13.5 a is connecting
14.5 a is transferring
17.5 a is transferred
)");
}

// What a client saw before does not shrink while the last bytes are on their way to the disk.
TEST(Lifecycle, WhatCameIsToldWhileItsPartIsClosed) {
  Story s;
  s.serve("x", 5000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(1500ms);
  s.world.stage.options.sync = {5s, 5s};
  s.run(2s);
  const auto told = [&] { return s.world.service().progress(s.row(a)).bytes_transferred; };
  const std::uint64_t before = told();
  EXPECT_GT(before, s.file(a, 0).stored.prefix());
  s.suspend(a);
  EXPECT_EQ(told(), before);
  EXPECT_LT(s.file(a, 0).stored.prefix(), before) << "it is not on record yet";
  s.world.stage.options.commit = {3s, 3s};  // closed by then, and not on record
  for (int n = 0; n < 200; ++n) {
    s.run(100ms);
    ASSERT_EQ(told(), before) << "after " << n;
  }
  EXPECT_EQ(s.file(a, 0).stored.prefix(), before);
}

TEST(Lifecycle, StartOfAJobThatMovesChangesNothing) {
  Story s;
  s.serve("x", 2000);
  const JobId a = s.enqueue("a", {"x"});
  s.start(a);
  s.run(1500ms);
  s.start(a);
  s.run(10s);
  s.start(a);  // nothing is left to fetch
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 Start a: S_OK
1 a is transferring
1.5 Start a: S_OK
3 a is transferred
11.5 Start a: S_OK
)");
}

TEST(Lifecycle, CompleteInTheMiddleKeepsWhatIsFinishedAndDropsTheRest) {
  Story s;
  s.serve("x", 1000);
  s.serve("y", 5000);
  const JobId a = s.enqueue("a", {"x", "y"});
  s.run(5s);
  s.complete(a);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
5 a is acknowledged
5 a is removed
5 Complete a: BG_S_PARTIAL_COMPLETE
)");
  EXPECT_TRUE(s.has_file("x"));
  EXPECT_EQ(s.files_on_disk(), 1U);  // no part is left
}

TEST(Lifecycle, CompleteOfAJobThatHasNothingYetIsPartial) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.create("a", {"x"});
  s.complete(a);
  EXPECT_EQ(s.told(), R"(
0 a is suspended
0 Enqueue: a
0 a is acknowledged
0 a is removed
0 Complete a: BG_S_PARTIAL_COMPLETE
)");
}

TEST(Lifecycle, CancelLeavesNothing) {
  Story s;
  s.serve("x", 1000);
  s.serve("y", 5000);
  const JobId a = s.enqueue("a", {"x", "y"});
  s.run(5s);
  s.cancel(a);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
5 a is cancelled
5 a is removed
5 Cancel a: S_OK
)");
  EXPECT_EQ(s.files_on_disk(), 0U);
}

TEST(Lifecycle, AFinishedJobTakesNewFilesAndStartsAgain) {
  Story s;
  s.serve("x", 1000);
  s.serve("y", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(10s);
  s.add_files(a, {"y"});
  s.start(a);
  s.run(10s);
  s.complete(a);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
2 a is transferred
10 AddFiles a: S_OK
10 a is queued
10 Start a: S_OK
10 a is connecting
11 a is transferring
12 a is transferred
20 a is acknowledged
20 a is removed
20 Complete a: S_OK
)");
  EXPECT_TRUE(s.has_file("x") && s.has_file("y"));
}

TEST(Lifecycle, FilesAddedToARunningJobAreFetchedInTheSameTurn) {
  Story s;
  s.serve("x", 2000);
  s.serve("y", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(2s);
  s.add_files(a, {"y"});
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
2 AddFiles a: S_OK
5 a is transferred
)");
}

TEST(Lifecycle, AnEmptyFileIsALegalDownload) {
  Story s;
  s.serve("x", 0);
  const JobId a = s.enqueue("a", {"x"});
  s.run(5s);
  s.complete(a);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
1 a is transferred
5 a is acknowledged
5 a is removed
5 Complete a: S_OK
)");
  EXPECT_TRUE(s.has_file("x"));
}

TEST(Lifecycle, ARemoteFileThatChangedBeginsAgainWithoutAnError) {
  Story s;
  s.serve("x", 5000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(3500ms);
  s.suspend(a);
  s.world.origin.change("http://host/x", 4000);
  s.start(a);
  s.run(2s);
  EXPECT_EQ(s.file(a, 0).epoch, 1U);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
3.5 a is suspended
3.5 Suspend a: S_OK
3.5 a is queued
3.5 Start a: S_OK
3.5 a is connecting
4.5 a is transferring
8.5 a is transferred
)");
  s.complete(a);
  EXPECT_EQ(s.files_on_disk(), 1U);
}

TEST(Lifecycle, AServerWithoutRangesIsAskedFromTheBeginningAgain) {
  Story s;
  s.serve("x", 3000).does_ranges = false;
  const JobId a = s.enqueue("a", {"x"});
  s.run(2500ms);
  s.suspend(a);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
2.5 a is suspended
2.5 Suspend a: S_OK
2.5 a is queued
2.5 Start a: S_OK
2.5 a is connecting
5.5 a is transferring
7.5 a is transferred
)");
  EXPECT_EQ(s.file(a, 0).remote_identity.resumable, core::Resumable::no);
}

TEST(Lifecycle, AFileOfUnknownSizeEndsWhereTheServerEndsIt) {
  Story s;
  s.serve("x", 2500).tells_size = false;
  const JobId a = s.enqueue("a", {"x"});
  s.run(2500ms);
  EXPECT_EQ(s.world.service().progress(s.row(a)).bytes_total, base::size_unknown);
  s.run(10s);
  EXPECT_EQ(s.world.service().progress(s.row(a)).bytes_total, 2500U);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
3.5 a is transferred
)");
}

TEST(Lifecycle, AJobThatCompletesItselfNeedsNobody) {
  Story s;
  s.serve("x", 1000);
  s.enqueue("a", {"x"}, {.auto_complete = true});
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
2 a is transferred
2 a is acknowledged
2 a is removed
)");
  EXPECT_TRUE(s.has_file("x"));
}

TEST(Lifecycle, AJobToWhichNothingHappensFor90DaysIsCancelled) {
  Story s;
  s.serve("x", 1000);
  s.enqueue("a", {"x"});
  s.run(10s);
  s.forget();
  s.run(std::chrono::days(89));
  EXPECT_EQ(s.told(), R"(
)");
  s.run(std::chrono::days(2));
  EXPECT_NE(s.told().find("a is cancelled"), std::string::npos);
  EXPECT_EQ(s.files_on_disk(), 0U);
}

// What came before counts, and so does the time that it took.
TEST(Lifecycle, TheAverageRateIsOverAllTheTimeThatItMoved) {
  Story s;
  s.serve("x", 100'000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(40s);
  s.suspend(a);
  s.run(100s);
  s.start(a);
  s.run(5s);
  const std::uint64_t average = s.world.service().progress(s.row(a)).average_rate;
  EXPECT_GT(average, 500U);
  EXPECT_LE(average, 1'000U);
}

}  // namespace
}  // namespace backhaul::stories
