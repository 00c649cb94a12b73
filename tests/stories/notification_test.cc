// SPDX-License-Identifier: Apache-2.0
// Callback objects: who is told what, when, and how often (notifications.md §4-§7, §22).
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

// A job that is transferred at 2 s.
JobId small_job(Story& s, const std::string& name, JobChange properties = {}) {
  s.serve(name, 1000);
  return s.enqueue(name, {name}, std::move(properties));
}

// A job that fails at 1 s.
JobId broken_job(Story& s, const std::string& name) {
  s.serve(name, 1000).fault({FaultKind::status, 404});
  return s.enqueue(name, {name});
}

TEST(Notification, N21_N23_JobTransferredIsCalledWhenTheLastFileIsHere) {
  Story s;
  const JobId a = small_job(s, "a");
  s.set_object(a, s.alice);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
1 a is transferring
2 a is transferred
2 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Notification, N22_WithoutItsFlagItIsNotCalled) {
  Story s;
  const JobId a = small_job(s, "a", {.notify_flags = base::notify::job_error});
  s.set_object(a, s.alice);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
1 a is transferring
2 a is transferred
)");
}

TEST(Notification, N26_JobErrorIsCalledWhenTheJobEntersError) {
  Story s;
  const JobId a = broken_job(s, "a");
  s.set_object(a, s.alice);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
1 a is error BG_E_HTTP_ERROR_404
1 JobError of a to alice/o: S_OK
)");
}

TEST(Notification, N35_N36_DisableHoldsBackAndClearingItDelivers) {
  Story s;
  const JobId a =
      small_job(s, "a", {.notify_flags = base::notify::disable | base::notify::job_transferred});
  s.set_object(a, s.alice);
  s.run(10s);
  s.forget();
  s.change(a, {.notify_flags = base::notify::job_transferred});
  EXPECT_EQ(s.told(), R"(
10 Change a: S_OK
10 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Notification, N37_FlagsSetDuringTheTransferTakeEffect) {
  Story s;
  const JobId a = small_job(s, "a", {.notify_flags = 0U});
  s.set_object(a, s.alice);
  s.run(1500ms);
  s.change(a, {.notify_flags = base::notify::job_transferred});
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
1 a is transferring
1.5 Change a: S_OK
2 a is transferred
2 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Notification, N45_N46_AnObjectThatComesLateIsToldAtOnce) {
  Story s;
  const JobId a = small_job(s, "a");
  const JobId b = broken_job(s, "b");
  s.run(10s);
  s.forget();
  s.set_object(a, s.alice);
  s.set_object(b, s.alice);
  EXPECT_EQ(s.told(), R"(
10 SetObject a: S_OK
10 JobTransferred of a to alice/o: S_OK
10 SetObject b: S_OK
10 JobError of b to alice/o: S_OK
)");
}

TEST(Notification, N47_AFlagThatComesLateIsHonoured) {
  Story s;
  const JobId a = small_job(s, "a", {.notify_flags = 0U});
  s.set_object(a, s.alice);
  s.run(10s);
  s.forget();
  s.change(a, {.notify_flags = base::notify::job_transferred});
  EXPECT_EQ(s.told(), R"(
10 Change a: S_OK
10 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Notification, N48_AcknowledgedThenDeadThenANewProcess_ItIsToldAgain) {
  Story s;
  const JobId a = small_job(s, "a");
  s.set_object(a, s.bob);
  s.run(10s);
  s.forget();
  s.world.bus.kill(s.bob);
  s.run(10s);
  s.set_object(a, s.another_program("bob's heir"));
  EXPECT_EQ(s.told(), R"(
10 bob dies
20 bob's heir SetObject a: S_OK
20 JobTransferred of a to bob's heir/o: S_OK
)");
}

TEST(Notification, N49_N50_N51_ARefusedCallIsRepeatedAfterTheRetryDelayUntilS_OK) {
  Story s;
  const JobId a = small_job(s, "a", {.minimum_retry_delay = 30});
  s.alice.answers = {Answer::e_fail, Answer::s_false, Answer::bus_error};
  s.set_object(a, s.alice);
  s.run(1000s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
1 a is transferring
2 a is transferred
2 JobTransferred of a to alice/o: E_FAIL
32 JobTransferred of a to alice/o: S_FALSE
62 JobTransferred of a to alice/o: a bus error
92 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Notification, N52_NoAttemptIsMadeAfterCompleteOrCancel) {
  Story s;
  const JobId a = small_job(s, "a");
  const JobId b = broken_job(s, "b");
  s.alice.usual = Answer::e_fail;
  s.set_object(a, s.alice);
  s.set_object(b, s.alice);
  s.run(10s);
  s.forget();
  s.complete(a);
  s.cancel(b);
  s.run(2000s);
  EXPECT_EQ(s.told(), R"(
10 a is acknowledged
10 a is removed
10 Complete a: S_OK
10 released alice/o
10 b is cancelled
10 b is removed
10 Cancel b: S_OK
10 released alice/o
)");
}

TEST(Notification, N53_StartOfAJobInErrorStopsTheRepetition) {
  Story s;
  const JobId a = broken_job(s, "a");
  s.alice.answers = {Answer::e_fail};
  s.set_object(a, s.alice);
  s.run(10s);
  s.forget();
  s.start(a);
  s.run(2000s);
  EXPECT_EQ(s.told(), R"(
10 a is queued
10 Start a: S_OK
10 a is connecting
11 a is transferring
12 a is transferred
12 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Notification, N54_WhatWasAcknowledgedIsNotToldAgain) {
  Story s;
  const JobId a = small_job(s, "a");
  s.set_object(a, s.alice);
  s.run(10s);
  s.forget();
  s.crash();
  s.change(a, {.description = "touched"});
  s.run(5000s);
  EXPECT_EQ(s.told(), R"(
10 the service dies
10 Change a: S_OK
)");
}

TEST(Notification, N59_AClientThatDiesInsideTheCallLeavesTheEventDue) {
  Story s;
  const JobId a = small_job(s, "a");
  s.bob.answers = {Answer::die};
  s.set_object(a, s.bob);
  s.run(1000s);
  s.forget();
  s.set_object(a, s.alice);
  EXPECT_EQ(s.told(), R"(
1000 SetObject a: S_OK
1000 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Notification, N40_CompleteInsideTheCallIsTheNormalCase) {
  Story s;
  const JobId a = small_job(s, "a");
  s.alice.answers = {Answer::complete};
  s.set_object(a, s.alice);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
1 a is transferring
2 a is transferred
2 JobTransferred of a to alice/o: Complete and S_OK
2 a is acknowledged
2 a is removed
2 alice Complete: S_OK
2 released alice/o
)");
}

TEST(Notification, N42_StartInsideJobErrorLeadsToJobTransferredLater) {
  Story s;
  const JobId a = broken_job(s, "a");
  s.alice.answers = {Answer::resume};
  s.set_object(a, s.alice);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
1 a is error BG_E_HTTP_ERROR_404
1 JobError of a to alice/o: Resume and S_OK
1 a is queued
1 alice Start: S_OK
1 a is connecting
2 a is transferring
3 a is transferred
3 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Notification, N62_N63_FourCallsAtOncePerUserAndAnotherUserIsNotAffected) {
  Story s;
  s.alice.usual = Answer::hang;
  for (const char* name : {"a", "b", "c", "d", "e"}) s.set_object(small_job(s, name), s.alice);
  s.run(20s);
  s.serve("x", 1000);
  ports::command::Enqueue command;
  command.properties.name = "carol's";
  command.files = Story::specs({"x"});
  command.start = true;
  const auto& call = s.world.submit("Enqueue", s.carol.caller(), command);
  s.run(0s);
  s.set_object(std::get<JobId>(**call.reply), s.carol);
  s.run(100s);
  EXPECT_EQ(s.told_of("JobTransferred"), R"(
2 JobTransferred of a to alice/o: hangs
4 JobTransferred of b to alice/o: hangs
6 JobTransferred of c to alice/o: hangs
8 JobTransferred of d to alice/o: hangs
22 JobTransferred of carol's to carol/o: S_OK
)");
  s.world.bus.kill(s.alice);  // the calls end with their process, and nobody is left to be told
  s.run(10s);
  EXPECT_EQ(s.world.notifier.under_way(), 0U);
  EXPECT_EQ(s.told(), R"(
120 alice dies
)");
}

TEST(Notification, N62_TheFifthIsCalledWhenOneReturns) {
  Story s;
  s.alice.answers = {Answer::hang, Answer::hang, Answer::hang};
  s.bob.answers = {Answer::hang};
  std::vector<JobId> jobs;
  for (const char* name : {"a", "b", "c", "d", "e"}) jobs.push_back(small_job(s, name));
  for (std::size_t i = 0; i < 3; ++i) s.set_object(jobs[i], s.alice);
  s.set_object(jobs[3], s.bob);
  s.set_object(jobs[4], s.alice);
  s.run(100s);
  s.forget();
  s.world.bus.kill(s.bob);
  s.run(1s);
  EXPECT_EQ(s.told(), R"(
100 bob dies
100 JobTransferred of e to alice/o: S_OK
)");
}

TEST(Notification, ACalleeThatHangsIsReplacedByANewObject) {
  Story s;
  const JobId a = small_job(s, "a");
  s.bob.usual = Answer::hang;
  s.set_object(a, s.bob);
  s.run(10s);
  s.forget();
  s.set_object(a, s.alice);
  s.run(10s);
  s.world.bus.kill(s.bob);
  s.run(1000s);
  EXPECT_EQ(s.told(), R"(
10 SetObject a: S_OK
10 released bob/o
10 JobTransferred of a to alice/o: S_OK
20 bob dies
)");
}

TEST(Notification, N14_AClearedObjectIsNotCalled) {
  Story s;
  const JobId a = small_job(s, "a");
  s.set_object(a, s.alice);
  s.clear_object(a, s.alice);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
0 ClearObject a: S_OK
0 released alice/o
1 a is transferring
2 a is transferred
)");
}

TEST(Notification, N74_N75_OnlyTheLastOfTwoProcessesIsCalled) {
  Story s;
  const JobId a = small_job(s, "a");
  s.set_object(a, s.bob);
  s.set_object(a, s.alice);
  s.world.bus.kill(s.bob);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 bob SetObject a: S_OK
0 SetObject a: S_OK
0 released bob/o
0 bob dies
1 a is transferring
2 a is transferred
2 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Notification, N76_WhenTheSecondClearsTheFirstIsNotRevived) {
  Story s;
  const JobId a = small_job(s, "a");
  s.set_object(a, s.bob);
  s.set_object(a, s.alice);
  s.clear_object(a, s.alice);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 bob SetObject a: S_OK
0 SetObject a: S_OK
0 released bob/o
0 ClearObject a: S_OK
0 released alice/o
1 a is transferring
2 a is transferred
)");
}

TEST(Notification, N77_AnObjectWhoseProcessLeftIsNotShownAnyMore) {
  Story s;
  const JobId a = small_job(s, "a");
  s.set_object(a, s.bob);
  EXPECT_TRUE(s.row(a).object);
  s.world.bus.kill(s.bob);
  s.run(0s);
  EXPECT_FALSE(s.row(a).object);
}

TEST(Notification, N80_ADueEventSurvivesTheServiceAndALivingObjectIsStillRegistered) {
  Story s;
  const JobId a = small_job(s, "a");
  s.alice.answers = {Answer::hang};
  s.set_object(a, s.alice);
  s.run(10s);
  s.forget();
  s.crash();
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
10 the service dies
10 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Notification, N78_AfterAPowerCutNobodyIsRegisteredAndTheEventWaits) {
  Story s;
  const JobId a = small_job(s, "a");
  s.alice.usual = Answer::hang;
  s.set_object(a, s.alice);
  s.run(10s);
  s.forget();
  s.lose_power();
  s.run(100s);
  EXPECT_FALSE(s.row(a).object);
  s.set_object(a, s.another_program("alice's heir"));
  EXPECT_EQ(s.told(), R"(
10 the service dies
10 power cut
110 alice's heir SetObject a: S_OK
110 JobTransferred of a to alice's heir/o: S_OK
)");
}

TEST(Notification, AJobThatCompletesItselfIsToldOfAfterwards) {
  Story s;
  const JobId a = small_job(s, "a", {.minimum_retry_delay = 10, .auto_complete = true});
  s.alice.answers = {Answer::e_fail};
  s.set_object(a, s.alice);
  s.run(3s);
  EXPECT_TRUE(s.has_file("a"));
  s.run(20s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
1 a is transferring
2 a is transferred
2 a is acknowledged
2 JobTransferred of a to alice/o: E_FAIL
12 JobTransferred of a to alice/o: S_OK
12 a is removed
12 released alice/o
)");
}

TEST(Notification, AJobThatCompletedItselfEndsWhenNobodyIsLeftToBeTold) {
  Story s;
  const JobId a = small_job(s, "a", {.auto_complete = true});
  s.alice.answers = {Answer::hang};
  s.set_object(a, s.alice);
  s.run(10s);
  s.forget();
  s.lose_power();  // alice is gone, and nobody says so
  EXPECT_EQ(s.told(), R"(
10 the service dies
10 power cut
10 a is removed
)");
  EXPECT_TRUE(s.has_file("a"));
}

TEST(Notification, AnEventTheJobLeftBehindIsDropped_N130) {
  Story s;
  const JobId a = small_job(s, "a");
  s.run(10s);
  s.complete(a);  // found out by polling
  s.set_object(a, s.alice);
  EXPECT_EQ(s.reply_to_last(), "BG_E_INVALID_STATE");
  s.forget();
  s.run(1000s);
  EXPECT_EQ(s.told(), R"(
)");
}

// Swarm seed 900085: what an object had refused waited on for it, although it was gone with its bus.
TEST(Notification, AfterAPowerCutTheNextRungHearsAtOnceWhatTheObjectHadRefused) {
  Story s;
  s.world.bus.install("org.example.One").uid = 1000;
  const JobId a = small_job(s, "a");
  s.alice.usual = Answer::s_false;
  s.set_object(a, s.alice);
  s.set_class(a, "org.example.One");
  s.run(10s);
  s.forget();
  s.lose_power();
  s.run(1s);
  EXPECT_EQ(s.told_of("JobTransferred"), "\n10 JobTransferred of a to org.example.One: S_OK\n");
}

}  // namespace
}  // namespace backhaul::stories
