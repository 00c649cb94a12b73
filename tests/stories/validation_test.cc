// SPDX-License-Identifier: Apache-2.0
// File events where they meet validation, other flags and the other rungs (notifications.md §12).
#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

constexpr std::uint32_t all_events = transferred | error | files;

// Job "a" with three files of one second each; nobody listens.
struct ToldOfFiles : ::testing::Test {
  NotifiedStory s;

  JobId three_files(JobChange change = NotifiedStory::with_flags(all_events)) {
    for (const char* name : {"x", "y", "z"}) s.serve(name, 1000);
    return s.enqueue("a", {"x", "y", "z"}, std::move(change));
  }
};

TEST_F(ToldOfFiles, N56_TheNextFileAndTheJobWaitForARefusedOne) {
  const JobId a = three_files();
  s.set_object_2(a, s.alice);
  s.alice.answers = {Answer::ok, Answer::e_fail, Answer::bus_error};
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to alice/o: S_OK
4 FileTransferred of file 1 of a to alice/o: E_FAIL
604 FileTransferred of file 1 of a to alice/o: a bus error
1204 FileTransferred of file 1 of a to alice/o: S_OK
1204 FileTransferred of file 2 of a to alice/o: S_OK
1204 JobTransferred of a to alice/o: S_OK
)");
}

// Found by the swarm: the file that was fetched again pushed itself in, and an answer that was under
// way counted for nobody.
TEST_F(ToldOfFiles, N56_AFileFetchedAgainWaitsForARefusedOneToo) {
  const JobId a = three_files();
  s.set_object_2(a, s.alice);
  s.alice.answers = {Answer::ok, Answer::e_fail};
  s.run(5s);
  EXPECT_EQ(s.validate(a, 0, false), "S_OK");
  s.start(a);
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to alice/o: S_OK
4 FileTransferred of file 1 of a to alice/o: E_FAIL
604 FileTransferred of file 1 of a to alice/o: S_OK
604 FileTransferred of file 0 of a to alice/o: S_OK
604 FileTransferred of file 2 of a to alice/o: S_OK
604 JobTransferred of a to alice/o: S_OK
)");
}

TEST_F(ToldOfFiles, N54_AnAnswerThatComesAfterAnEarlierFileWasFetchedAgainCounts) {
  const JobId a = three_files();
  s.set_object_2(a, s.alice);
  s.world.stage.options.call = {10s, 10s};  // to the callee, and back
  s.run(23s);  // file 0 is heard, file 1 is under way
  EXPECT_EQ(s.validate(a, 0, false), "S_OK");
  s.start(a);
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
12 FileTransferred of file 0 of a to alice/o: S_OK
32 FileTransferred of file 1 of a to alice/o: S_OK
52 FileTransferred of file 0 of a to alice/o: S_OK
72 FileTransferred of file 2 of a to alice/o: S_OK
92 JobTransferred of a to alice/o: S_OK
)");
}

TEST_F(ToldOfFiles, N56_AFormerObjectDoesNotAnswerForTheNewOne) {
  const JobId a = three_files();
  s.set_object_2(a, s.alice);
  s.world.stage.options.call = {10s, 10s};  // to the callee, and back
  s.run(15s);
  s.set_object_2(a, s.bob);
  s.bob.answers = {Answer::e_fail};
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
12 FileTransferred of file 0 of a to alice/o: S_OK
25 FileTransferred of file 0 of a to bob/o: E_FAIL
645 FileTransferred of file 0 of a to bob/o: S_OK
665 FileTransferred of file 1 of a to bob/o: S_OK
685 FileTransferred of file 2 of a to bob/o: S_OK
705 JobTransferred of a to bob/o: S_OK
)");
}

TEST_F(ToldOfFiles, N56_ANewObjectIsToldOfARefusedFileAtOnce) {
  const JobId a = three_files();
  s.set_object_2(a, s.alice);
  s.alice.answers = {Answer::e_fail};
  s.run(10s);
  s.set_object_2(a, s.bob);
  s.run(10s);
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to alice/o: E_FAIL
10 FileTransferred of file 0 of a to bob/o: S_OK
10 FileTransferred of file 1 of a to bob/o: S_OK
10 FileTransferred of file 2 of a to bob/o: S_OK
10 JobTransferred of a to bob/o: S_OK
)");
}

TEST_F(ToldOfFiles, N60_NothingElseOfTheJobIsToldWhileTheCallLasts) {
  const JobId a = three_files();
  s.set_object_2(a, s.alice);
  s.alice.answers = {Answer::hang};
  s.run(1h);
  EXPECT_EQ(s.row(a).state, JobState::transferred) << "the transfer does not wait";
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to alice/o: hangs
)");
}

TEST_F(ToldOfFiles, N60_OtherJobsDoNotWaitForIt) {
  const JobId a = three_files();
  s.set_object_2(a, s.alice);
  s.alice.answers = {Answer::hang};
  s.serve("w", 1000);
  const JobId b = s.enqueue("b", {"w"});
  s.set_object(b, s.alice);
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to alice/o: hangs
6 JobTransferred of b to alice/o: S_OK
)");
}

TEST_F(ToldOfFiles, N60_ANewObjectDoesNotWaitForTheCallOfTheOldOne) {
  const JobId a = three_files();
  s.set_object_2(a, s.alice);
  s.alice.answers = {Answer::hang};
  s.run(10s);
  s.set_object_2(a, s.bob);
  s.world.bus.kill(s.alice);
  s.run(10s);
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to alice/o: hangs
10 FileTransferred of file 0 of a to bob/o: S_OK
10 FileTransferred of file 1 of a to bob/o: S_OK
10 FileTransferred of file 2 of a to bob/o: S_OK
10 JobTransferred of a to bob/o: S_OK
)");
  ASSERT_TRUE(s.row(a).object) << "the end of the old one's process is not bob's";
}

TEST_F(ToldOfFiles, N61_AFailureThatIsToldWaitsForTheFilesBeforeIt) {
  s.serve("x", 1000);
  s.make_unavailable("y");
  const JobId a = s.enqueue("a", {"x", "y"}, NotifiedStory::with_flags(all_events));
  s.set_object_2(a, s.alice);
  s.alice.answers = {Answer::e_fail};
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to alice/o: E_FAIL
602 FileTransferred of file 0 of a to alice/o: S_OK
602 JobError of a to alice/o: S_OK
)");
}

TEST_F(ToldOfFiles, N118_ValidationOfAFileThatIsNotHereIsPending) {
  const JobId a = three_files();
  s.run(3s);
  EXPECT_EQ(s.validate(a, 0, true), "S_OK");
  EXPECT_EQ(s.validate(a, 2, true), "E_PENDING");
  EXPECT_EQ(s.validate(a, 2, false), "E_PENDING");
  EXPECT_EQ(s.row(a).state, JobState::transferring);
}

TEST_F(ToldOfFiles, N119_RefusedInsideTheCallTheErrorFollowsWhenTheCallsAreOver) {
  const JobId a = three_files();
  s.set_object_2(a, s.alice);
  s.alice.answers = {Answer::ok, Answer::hang};
  s.run(10s);
  EXPECT_EQ(s.validate(a, 1, false), "S_OK");
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_VALIDATION_FAILED);
  EXPECT_EQ(s.file(a, 1).stored.prefix(), 0U);
  s.run(10s);
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to alice/o: S_OK
4 FileTransferred of file 1 of a to alice/o: hangs
)") << "its own call has not returned";
  s.set_object_2(a, s.bob);
  s.run(0s);
  EXPECT_EQ(s.heard(), R"(
20 FileTransferred of file 2 of a to bob/o: S_OK
20 JobError of a to bob/o: S_OK
)") << "another object does not wait for the old one's call";
}

TEST_F(ToldOfFiles, N120_FetchedAgainItIsToldAgain) {
  const JobId a = three_files();
  s.set_object_2(a, s.alice);
  s.run(10s);
  s.forget();
  EXPECT_EQ(s.validate(a, 1, false), "S_OK");
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.heard(), R"(
10 JobError of a to alice/o: S_OK
12 FileTransferred of file 1 of a to alice/o: S_OK
12 JobTransferred of a to alice/o: S_OK
)");
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST_F(ToldOfFiles, N123_ValidIsWhatTheOwnerSaidOrCompleted) {
  const JobId a = three_files();
  s.run(10s);
  EXPECT_FALSE(s.file(a, 0).validated) << "before anyone spoke";
  s.validate(a, 0, true);
  EXPECT_TRUE(s.file(a, 0).validated);
  EXPECT_FALSE(s.file(a, 1).validated);
  s.crash();
  EXPECT_TRUE(s.file(a, 0).validated);
  s.complete(a);
  const auto job = s.world.service().find(a, s.alice.caller());
  ASSERT_TRUE(job.has_value());
  for (const std::uint32_t i : {0U, 1U, 2U})
    EXPECT_TRUE(s.world.service().file(**job, i)->validated);
}

TEST_F(ToldOfFiles, N124_TheFlagOfRangesIsAcceptedAndDeliversNothing) {
  const JobId a = three_files(NotifiedStory::with_flags(ranges));
  s.set_object_2(a, s.alice);
  EXPECT_EQ(s.row(a).notify_flags, ranges);
  s.run(1h);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.heard(), "\n");
}

TEST_F(ToldOfFiles, N127_WhereOnlyACommandLineIsSetItRunsAtTransferred) {
  JobChange change = NotifiedStory::with_command();
  change.notify_flags = all_events;
  three_files(change);
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: exit code 0
)");
}

TEST_F(ToldOfFiles, N127_ARefusedFileHoldsUpTheCommandLineToo) {
  JobChange change = NotifiedStory::with_command();
  change.notify_flags = all_events;
  const JobId a = three_files(change);
  s.set_object_2(a, s.alice);
  s.alice.answers = {Answer::e_fail, Answer::ok, Answer::ok, Answer::ok, Answer::e_fail};
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to alice/o: E_FAIL
602 FileTransferred of file 0 of a to alice/o: S_OK
602 FileTransferred of file 1 of a to alice/o: S_OK
602 FileTransferred of file 2 of a to alice/o: S_OK
602 JobTransferred of a to alice/o: E_FAIL
602 program /bin/p for a: exit code 0
)");
}

TEST_F(ToldOfFiles, AClassHearsThemToo) {
  s.world.bus.install("org.example.C");
  const JobId a = three_files();
  s.set_class(a, "org.example.C");
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to org.example.C: S_OK
4 FileTransferred of file 1 of a to org.example.C: S_OK
4 FileTransferred of file 2 of a to org.example.C: S_OK
4 JobTransferred of a to org.example.C: S_OK
)");
}

}  // namespace
}  // namespace backhaul::stories
