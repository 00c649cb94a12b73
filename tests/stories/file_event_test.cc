// SPDX-License-Identifier: Apache-2.0
// FileTransferred, validation and JobModification (notifications.md §11-§12).
#include <algorithm>

#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

constexpr std::uint32_t files_too = base::notify::initial | base::notify::file_transferred;

JobId three_files(Story& s, JobChange properties = {}) {
  for (const char* name : {"x", "y", "z"}) s.serve(name, 1000);
  if (!properties.notify_flags) properties.notify_flags = files_too;
  return s.enqueue("a", {"x", "y", "z"}, std::move(properties));
}

void set_object(Story& s, const JobId& job, Program& by, std::uint32_t level) {
  core::ObjectRegistration object;
  object.bus_id = s.world.bus.id();
  object.unique_name = by.unique_name;
  object.path = "/o";
  object.uid = by.uid;
  object.level = level;
  s.world.submit("SetObject", by.caller(), ports::command::SetObject{job, object});
  s.run(0s);
  s.forget();
}

void validate(Story& s, const JobId& job, std::uint32_t file, bool valid) {
  s.world.submit(valid ? "valid" : "not valid", s.alice.caller(),
                 ports::command::SetValidationState{job, file, valid});
  s.run(0s);
}

TEST(FileEvents, N60_EveryFileInOrderAndAllBeforeJobTransferred) {
  Story s;
  const JobId a = three_files(s);
  set_object(s, a, s.alice, 3);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
1 a is transferring
2 FileTransferred of file 0 of a to alice/o: S_OK
4 a is transferred
4 FileTransferred of file 1 of a to alice/o: S_OK
4 FileTransferred of file 2 of a to alice/o: S_OK
4 JobTransferred of a to alice/o: S_OK
)");
}

TEST(FileEvents, N61_TheFirstFileIsToldBeforeTheErrorOfTheSecond) {
  Story s;
  s.serve("x", 1000);
  s.serve("y", 1000).fault({FaultKind::status, 403});
  const JobId a = s.enqueue("a", {"x", "y"}, {.notify_flags = files_too});
  set_object(s, a, s.alice, 2);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
1 a is transferring
2 FileTransferred of file 0 of a to alice/o: S_OK
3 a is error BG_E_HTTP_ERROR_403
3 JobError of a to alice/o: S_OK
)");
}

TEST(FileEvents, N56_N57_ARefusedFileIsRepeatedAndTheOthersWaitButS_FALSEIsSuccess) {
  Story s;
  const JobId a = three_files(s, {.minimum_retry_delay = 20});
  s.alice.answers = {Answer::s_false, Answer::e_fail};
  set_object(s, a, s.alice, 2);
  s.run(100s);
  EXPECT_EQ(s.told(), R"(
1 a is transferring
2 FileTransferred of file 0 of a to alice/o: S_FALSE
4 a is transferred
4 FileTransferred of file 1 of a to alice/o: E_FAIL
24 FileTransferred of file 1 of a to alice/o: S_OK
24 FileTransferred of file 2 of a to alice/o: S_OK
24 JobTransferred of a to alice/o: S_OK
)");
}

TEST(FileEvents, N19_AnObjectWithoutTheSecondInterfaceGetsJobTransferredOnly) {
  Story s;
  const JobId a = three_files(s);
  set_object(s, a, s.alice, 1);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
1 a is transferring
4 a is transferred
4 JobTransferred of a to alice/o: S_OK
)");
}

TEST(FileEvents, TheyAreRememberedForWhoeverComesLate) {
  Story s;
  const JobId a = three_files(s);
  s.run(10s);
  s.forget();
  s.crash();
  s.forget();
  s.set_object(a, s.alice);  // level 1
  EXPECT_EQ(s.told(), R"(
10 SetObject a: S_OK
10 JobTransferred of a to alice/o: S_OK
)");
  set_object(s, a, s.bob, 3);
  s.crash();
  s.run(10s);
  EXPECT_EQ(s.row(a).event_file, base::no_file);
}

TEST(Validation, N118_BeforeTheFileIsCompleteItIsPending) {
  Story s;
  const JobId a = three_files(s);
  validate(s, a, 2, true);
  validate(s, a, 3, true);
  s.forget();
  s.run(10s);
  validate(s, a, 2, true);
  EXPECT_TRUE(s.file(a, 2).validated);
  EXPECT_FALSE(s.file(a, 1).validated);
  EXPECT_EQ(s.told(), R"(
1 a is transferring
4 a is transferred
10 valid: S_OK
)");
}

TEST(Validation, N119_N120_AFileThatIsNotValidIsFetchedAgainAfterAStart) {
  Story s;
  const JobId a = three_files(s, {.notify_flags = base::notify::initial});
  s.set_object(a, s.alice);
  s.run(10s);
  s.forget();
  validate(s, a, 1, false);
  EXPECT_EQ(s.file(a, 1).stored.prefix(), 0U);
  s.start(a);
  s.run(10s);
  s.complete(a);
  EXPECT_EQ(s.told(), R"(
10 a is error BG_E_VALIDATION_FAILED
10 not valid: S_OK
10 JobError of a to alice/o: S_OK
10 a is queued
10 Start a: S_OK
10 a is connecting
11 a is transferring
12 a is transferred
12 JobTransferred of a to alice/o: S_OK
20 a is acknowledged
20 a is removed
20 Complete a: S_OK
20 released alice/o
)");
  EXPECT_EQ(s.files_on_disk(), 3U);
}

// The service's own Complete is no answer to what the program has not heard.
TEST(FileEvent, N60_AJobThatCompletesItselfTellsOfAllItsFilesAndThenOfItself) {
  NotifiedStory s;
  JobChange change = NotifiedStory::with_flags(files | transferred);
  change.auto_complete = true;
  for (const char* name : {"x", "y", "z"}) s.serve(name, 1000);
  const JobId a = s.enqueue("a", {"x", "y", "z"}, change);
  s.set_object_2(a, s.bob);
  s.run(20s);
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to bob/o: S_OK
4 FileTransferred of file 1 of a to bob/o: S_OK
4 FileTransferred of file 2 of a to bob/o: S_OK
4 JobTransferred of a to bob/o: S_OK
)");
  EXPECT_EQ(s.world.store.find(a), nullptr) << "and then it is gone";
}

TEST(FileEvent, N60_AlsoWhereTheProgramWasBusyAndTheServiceCrashes) {
  NotifiedStory s;
  JobChange change = NotifiedStory::with_flags(files | transferred);
  change.auto_complete = true;
  change.minimum_retry_delay = 10;
  for (const char* name : {"x", "y", "z"}) s.serve(name, 1000);
  s.alice.answers = {Answer::e_fail, Answer::e_fail};
  const JobId a = s.enqueue("a", {"x", "y", "z"}, change);
  s.set_object_2(a, s.alice);
  s.run(5s);
  EXPECT_EQ(s.row(a).state, JobState::acknowledged);
  EXPECT_TRUE(s.has_file("z"));
  s.crash();
  s.run(1min);
  EXPECT_EQ(s.told_of("Transferred of"), R"(
2 FileTransferred of file 0 of a to alice/o: E_FAIL
12 FileTransferred of file 0 of a to alice/o: E_FAIL
22 FileTransferred of file 0 of a to alice/o: S_OK
22 FileTransferred of file 1 of a to alice/o: S_OK
22 FileTransferred of file 2 of a to alice/o: S_OK
22 JobTransferred of a to alice/o: S_OK
)");
  EXPECT_EQ(s.world.store.find(a), nullptr);
}

TEST(FileEvent, TheOwnersCompleteEndsThem) {
  NotifiedStory s;
  for (const char* name : {"x", "y"}) s.serve(name, 1000);
  s.alice.answers = {Answer::hang};
  const JobId a = s.enqueue("a", {"x", "y"}, NotifiedStory::with_flags(files | transferred));
  s.set_object_2(a, s.alice);
  s.run(20s);
  s.complete(a);
  s.answer(s.alice, Code::S_OK);
  EXPECT_EQ(s.heard(), R"(
2 FileTransferred of file 0 of a to alice/o: hangs
)");
  EXPECT_EQ(s.world.store.find(a), nullptr);
  EXPECT_TRUE(s.world.service().notify_state(s.row(a)).unheard.empty()) << "nobody owes it any more";
}

TEST(FileEvent, AJobThatCompletedItselfEndsWhereNobodyHearsOfItsFiles) {
  NotifiedStory s;
  s.serve("x", 1000);
  JobChange change = NotifiedStory::with_flags(files);
  change.auto_complete = true;
  const JobId a = s.enqueue("a", {"x"}, change);
  s.alice.answers = {Answer::hang};
  s.set_object_2(a, s.alice);
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::acknowledged) << "somebody is still being told";
  s.world.bus.kill(s.alice);
  s.run(1s);
  EXPECT_EQ(s.world.store.find(a), nullptr);
}

TEST(FileEvent, WhatNobodyIsRegisteredForWhenAJobCompletesItselfIsToldToNobodyAfterwards) {
  NotifiedStory s;
  s.serve("x", 1000);
  JobChange change = NotifiedStory::with_flags(files | transferred);
  change.auto_complete = true;
  const JobId a = s.enqueue("a", {"x"}, change);
  s.run(20s);
  s.set_object(a, s.alice);
  EXPECT_EQ(s.reply_to_last(), "BG_E_INVALID_STATE");
  EXPECT_EQ(s.heard(), "\n");
  const auto unheard = s.world.service().notify_state(s.row(a)).unheard;
  ASSERT_EQ(unheard.size(), 2U) << "of the file, and of the job";
  const auto events = s.world.service().events(0, UINT32_MAX, s.alice.caller()).events;
  for (const ports::UnheardEvent& one : unheard) {
    EXPECT_EQ(one.wait, ports::NotifyWait::nobody);
    EXPECT_TRUE(std::ranges::any_of(events, [&](const auto& event) { return event.sequence == one.sequence; }));
  }
}

TEST(Modification, N29_N30_N32_ChangesAreToldWithoutDetails) {
  Story s;
  s.serve("x", 5000);
  const JobId a = s.create("a", {}, {.notify_flags = base::notify::job_modification});
  s.set_object(a, s.alice);
  s.run(10s);
  s.forget();
  s.change(a, {.description = "d"});
  s.run(1s);
  s.add_files(a, {"x"});
  s.run(1s);
  s.start(a);
  s.run(200ms);
  s.suspend(a);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
10 Change a: S_OK
10 JobModification of a to alice/o: S_OK
11 AddFiles a: S_OK
11 JobModification of a to alice/o: S_OK
12 a is queued
12 Start a: S_OK
12 JobModification of a to alice/o: S_OK
12 a is connecting
12.2 a is suspended
12.2 Suspend a: S_OK
12.5 JobModification of a to alice/o: S_OK
)");
}

TEST(Modification, N29_WhatIsSetOfAFileIsTold) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"}, {.notify_flags = base::notify::job_modification});
  s.set_object(a, s.alice);
  s.run(10s);
  s.forget();
  validate(s, a, 0, true);
  s.run(10s);
  s.set_remote_name(a, 0, "http://host/y");
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
10 valid: S_OK
10 JobModification of a to alice/o: S_OK
20 SetRemoteName a: S_OK
20 JobModification of a to alice/o: S_OK
)");
}

TEST(Modification, N34_ErrorAndTransferredAreNotToldThisWay) {
  Story s;
  s.serve("x", 0);
  const JobId a = s.enqueue("a", {"x"}, {.notify_flags = base::notify::job_modification,
                                         .notification_interval = 5000});
  s.set_object(a, s.alice);
  s.run(20s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
0 JobModification of a to alice/o: S_OK
1 a is transferring
1 a is transferred
5 JobModification of a to alice/o: S_OK
)");
}

TEST(Modification, N70_N71_ManyChangesGiveFewCallsAndOneFollowsTheLastChange) {
  Story s;
  const JobId a = s.create("a", {}, {.notify_flags = base::notify::job_modification,
                                     .notification_interval = 1000});
  s.set_object(a, s.alice);
  s.run(10s);
  s.forget();
  for (int i = 0; i < 25; ++i) {
    s.world.submit("c", s.alice.caller(),
                   ports::command::Change{a, {.description = std::to_string(i)}});
    s.run(100ms);
  }
  s.run(10s);
  EXPECT_EQ(s.told_of("Modification"), R"(
10 JobModification of a to alice/o: S_OK
11 JobModification of a to alice/o: S_OK
12 JobModification of a to alice/o: S_OK
13 JobModification of a to alice/o: S_OK
)");
}

TEST(Modification, N55_ARefusedOneIsNotRepeated) {
  Story s;
  const JobId a = s.create("a", {}, {.notify_flags = base::notify::job_modification});
  s.alice.answers = {Answer::e_fail};
  s.set_object(a, s.alice);
  s.run(2000s);
  EXPECT_EQ(s.told(), R"(
0 a is suspended
0 Enqueue: a
0 SetObject a: S_OK
0 JobModification of a to alice/o: E_FAIL
)");
}

TEST(Modification, N64_JobTransferredDoesNotWaitBehindThem) {
  Story s;
  s.serve("x", 1000);
  s.alice.answers = {Answer::hang};
  const JobId a =
      s.enqueue("a", {"x"}, {.notify_flags = base::notify::job_modification |
                                             base::notify::job_transferred});
  s.set_object(a, s.alice);
  s.run(20s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
0 JobModification of a to alice/o: hangs
1 a is transferring
2 a is transferred
2 JobTransferred of a to alice/o: S_OK
)");
}

}  // namespace
}  // namespace backhaul::stories
