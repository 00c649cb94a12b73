// SPDX-License-Identifier: Apache-2.0
// JobModification (notifications.md §11): what causes one, and how often.
#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

// Alice's object on her job "a", which is told of nothing but modifications.
struct ToldOfChanges : ::testing::Test {
  NotifiedStory s;

  JobId listen(const JobId& job) {
    s.set_object(job, s.alice);
    s.run(5s);  // the registration is a modification itself
    s.forget();
    return job;
  }
  JobId idle_job() { return listen(s.create("a", {}, NotifiedStory::with_flags(modification))); }
};

TEST_F(ToldOfChanges, N31_WhileBytesMoveEachTimeSomeOfThemAreSafe) {
  s.serve("x", 20'000);
  listen(s.enqueue("a", {"x"}, NotifiedStory::with_flags(modification)));
  s.run(3s);
  EXPECT_EQ(s.heard(), R"(
6 JobModification of a to alice/o: S_OK
7 JobModification of a to alice/o: S_OK
8 JobModification of a to alice/o: S_OK
)");
}

TEST_F(ToldOfChanges, N33_TheChangeToTransientErrorAndTheWayBack) {
  s.serve("x", 1000).fault({FaultKind::status, 503, {}});
  const JobId a = listen(s.create("a", {"x"}, NotifiedStory::with_flags(modification)));
  s.start(a);
  s.run(999ms);
  s.forget();
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.heard(), R"(
6 JobModification of a to alice/o: S_OK
)");
  s.run(600s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.heard(), R"(
606 JobModification of a to alice/o: S_OK
606.5 JobModification of a to alice/o: S_OK
607 JobModification of a to alice/o: S_OK
)");
}

TEST_F(ToldOfChanges, NothingIsToldWithoutTheFlagOrWhileDisabled) {
  const JobId a = idle_job();
  for (const std::uint32_t flags : {transferred | error, modification | disable, 0U}) {
    s.set_flags(a, flags);
    s.touch(a);
    s.run(5s);
    EXPECT_EQ(s.heard(), "\n") << flags;
  }
}

TEST_F(ToldOfChanges, NobodyIsToldLaterWhatNobodyHeard) {
  const JobId a = s.create("a", {}, NotifiedStory::with_flags(modification));
  s.touch(a);
  s.run(5s);
  s.crash();
  s.run(5s);
  EXPECT_EQ(s.heard(), "\n");
}

TEST_F(ToldOfChanges, AClassHearsThemWhereThereIsNoObject) {
  s.world.bus.install("org.example.C");
  const JobId a = s.create("a", {}, NotifiedStory::with_flags(modification));
  s.set_class(a, "org.example.C");
  EXPECT_EQ(s.heard(), R"(
0 JobModification of a to org.example.C: S_OK
)");
}

TEST_F(ToldOfChanges, N64_AnEventOvertakesAQueueOfModifications) {
  engine::Settings settings;
  settings.notifications_per_user = 1;
  sim::Options options;
  options.call = {500ms, 500ms};  // there, and back
  NotifiedStory slow(settings, options);
  slow.serve("x", 0).latency = 700ms;
  const JobId a = slow.create("a", {"x"}, NotifiedStory::with_flags(transferred));
  slow.set_object(a, slow.alice);
  for (const char* name : {"b", "c", "d"}) {
    const JobId job = slow.create(name, {}, NotifiedStory::with_flags(modification));
    slow.set_object(job, slow.alice);
  }
  slow.start(a);
  slow.run(10s);
  EXPECT_EQ(slow.heard(), R"(
0.5 JobModification of b to alice/o: S_OK
1.5 JobTransferred of a to alice/o: S_OK
2.5 JobModification of c to alice/o: S_OK
3.5 JobModification of d to alice/o: S_OK
)") << "a is transferred after 0.7 s, when c and d are in line";
}

TEST_F(ToldOfChanges, N65_OneThatArrivesAfterCompleteStillReadsItsJob) {
  s.serve("x", 1000);
  JobChange change = NotifiedStory::with_flags(modification);
  change.description = "d";
  const JobId a = s.enqueue("a", {"x"}, change);
  s.alice.answers = {Answer::hang};
  s.set_object(a, s.alice);
  s.run(10s);
  s.complete(a);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  const auto job = s.world.service().find(a, s.alice.caller());
  ASSERT_TRUE(job.has_value()) << "the call has not returned, the job is complete";
  EXPECT_EQ((*job)->state, JobState::acknowledged);
  EXPECT_EQ((*job)->description, "d");
  EXPECT_EQ((*job)->files.bytes_stored, 1000U);
  EXPECT_EQ(s.world.service().progress(**job).bytes_transferred, 1000U);
  const core::File* file = s.world.service().file(**job, 0);
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->state, core::FileState::completed);
  s.touch(a);
  EXPECT_EQ(s.reply_to_last(), "BG_E_INVALID_STATE");
}

TEST_F(ToldOfChanges, TheEndIsTheLastChangeThatIsTold) {
  const JobId a = idle_job();
  s.touch(a);
  s.touch(a);  // within the interval: due at its end
  s.cancel(a);
  s.run(5s);
  EXPECT_EQ(s.heard(), R"(
5 JobModification of a to alice/o: S_OK
5.5 JobModification of a to alice/o: S_OK
)") << "one for all of it";
}

TEST_F(ToldOfChanges, N70_ChangesDuringTheCallGiveOneMoreAfterIt) {
  const JobId a = idle_job();
  s.alice.answers = {Answer::hang};
  for (int i = 0; i < 10; ++i) s.touch(a);
  s.run(60s);
  EXPECT_EQ(s.heard(), R"(
5 JobModification of a to alice/o: hangs
)") << "one on its way, one to come";
  s.world.bus.kill(s.alice);
  s.set_object(a, s.bob);
  EXPECT_EQ(s.heard(), R"(
65 JobModification of a to bob/o: S_OK
)");
}

TEST_F(ToldOfChanges, AnObjectThatReplacesOneThatNeverReturnsIsTold) {
  const JobId a = idle_job();
  s.alice.answers = {Answer::hang};
  s.touch(a);
  s.run(5s);
  s.set_object(a, s.bob);
  s.run(5s);
  s.world.bus.kill(s.alice);
  s.touch(a);
  EXPECT_EQ(s.heard(), R"(
5 JobModification of a to alice/o: hangs
10 JobModification of a to bob/o: S_OK
15 JobModification of a to bob/o: S_OK
)");
  EXPECT_TRUE(s.row(a).object) << "the end of the old one's process is not bob's";
}

TEST_F(ToldOfChanges, N71_TheIntervalIsTheJobsFromStartToStart) {
  const JobId a = idle_job();
  s.set_interval(a, 2000);
  s.run(10s);
  s.forget();
  for (int i = 0; i < 40; ++i) {
    s.touch(a);
    s.run(100ms);
  }
  s.run(10s);
  EXPECT_EQ(s.heard(), R"(
15 JobModification of a to alice/o: S_OK
17 JobModification of a to alice/o: S_OK
19 JobModification of a to alice/o: S_OK
)");
}

TEST_F(ToldOfChanges, N71_AnIntervalOfZeroTellsEveryChange) {
  const JobId a = idle_job();
  s.set_interval(a, 0);
  s.run(5s);
  s.forget();
  for (int i = 0; i < 3; ++i) {
    s.touch(a);
    s.run(1ms);
  }
  EXPECT_EQ(s.heard(), R"(
10 JobModification of a to alice/o: S_OK
10.001 JobModification of a to alice/o: S_OK
10.002 JobModification of a to alice/o: S_OK
)");
}

TEST_F(ToldOfChanges, N72_ALargerIntervalSetDuringTheTransferTakesEffectAtOnceAfterTheOldOne) {
  s.serve("x", 100'000);
  const JobId a = listen(s.enqueue("a", {"x"}, NotifiedStory::with_flags(modification)));
  s.run(2s);
  s.forget();
  s.set_interval(a, 10'000);
  s.run(35s);
  EXPECT_EQ(s.heard(), R"(
7.5 JobModification of a to alice/o: S_OK
17.5 JobModification of a to alice/o: S_OK
27.5 JobModification of a to alice/o: S_OK
37.5 JobModification of a to alice/o: S_OK
)");
}

// What programs end their wait on (N34: only ERROR and TRANSFERRED are told otherwise).
TEST_F(ToldOfChanges, TheEndOfAJobIsToldToo) {
  for (const bool cancelled : {false, true}) {
    const std::string name = cancelled ? "x" : "y";
    s.serve(name, 1000);
    const JobId a = s.enqueue("a", {name}, NotifiedStory::with_flags(modification));
    s.set_object(a, s.alice);
    s.run(20s);
    s.forget();
    if (cancelled)
      s.cancel(a);
    else
      s.complete(a);
    s.run(10s);
    EXPECT_EQ(s.told(), cancelled ? R"(
50 a is cancelled
50 Cancel a: S_OK
50 JobModification of a to alice/o: S_OK
50 a is removed
50 released alice/o
)"
                                  : R"(
20 a is acknowledged
20 Complete a: S_OK
20 JobModification of a to alice/o: S_OK
20 a is removed
20 released alice/o
)");
  }
}

TEST_F(ToldOfChanges, TheCalleeOfTheEndFindsTheJob) {
  const JobId a = idle_job();
  s.alice.answers = {Answer::hang};
  s.cancel(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::cancelled);
  EXPECT_NE(s.world.store.find(a), nullptr) << "until the call has returned";
  s.world.bus.kill(s.alice);
  s.run(1s);
  EXPECT_EQ(s.world.store.find(a), nullptr);
}

TEST_F(ToldOfChanges, ACrashBeforeTheEndWasToldEndsTheJobAllTheSame) {
  const JobId a = idle_job();
  s.alice.answers = {Answer::hang};
  s.cancel(a);
  s.crash();
  s.run(1s);
  EXPECT_EQ(s.world.store.find(a), nullptr);
}

// Swarm seed 77: its end waited as long as nobody started the class.
TEST_F(ToldOfChanges, AClassThatDoesNotStartHoldsUpNoEnd) {
  const JobId a = s.create("a", {}, NotifiedStory::with_flags(modification));
  s.set_class(a, "org.example.Nowhere");
  s.run(5s);
  s.cancel(a);
  EXPECT_EQ(s.world.store.find(a), nullptr);
}

TEST_F(ToldOfChanges, NobodyHoldsUpTheEndWhoDoesNotHearOfIt) {
  for (const std::uint32_t flags : {transferred | error, modification | disable}) {
    const JobId a = s.create("a", {}, NotifiedStory::with_flags(flags));
    s.set_object(a, s.alice);
    s.run(5s);
    s.cancel(a);
    EXPECT_EQ(s.world.store.find(a), nullptr) << flags;
    EXPECT_EQ(s.heard(), "\n");
  }
}

TEST_F(ToldOfChanges, TheEndOfAJobThatCompletesItselfIsToldBesideItsEvent) {
  s.serve("x", 1000);
  JobChange change = NotifiedStory::with_flags(modification | transferred);
  change.auto_complete = true;
  change.notification_interval = 0;
  const JobId a = s.enqueue("a", {"x"}, change);
  s.set_object(a, s.alice);
  s.run(1500ms);
  s.forget();
  s.run(20s);
  EXPECT_EQ(s.told(), R"(
2 a is transferred
2 a is acknowledged
2 JobTransferred of a to alice/o: S_OK
2 JobModification of a to alice/o: S_OK
2 a is removed
2 released alice/o
)");
}

TEST_F(ToldOfChanges, TheEndKeepsTheIntervalLikeAnyOtherChange) {
  const JobId a = idle_job();
  s.set_interval(a, 60'000);
  s.run(1s);
  s.cancel(a);
  s.run(100s);
  EXPECT_EQ(s.heard(), R"(
5 JobModification of a to alice/o: S_OK
65 JobModification of a to alice/o: S_OK
)");
  EXPECT_EQ(s.world.store.find(a), nullptr);
}

// Whoever comes after it waits no longer for what it refused.
TEST_F(ToldOfChanges, WhoDiesWhileItIsToldKeepsNothingFromTheNext) {
  s.world.bus.install("org.example.One").uid = 1000;
  s.make_unavailable("x");
  JobChange change = NotifiedStory::with_flags(error | modification);
  change.notification_interval = 0;
  const JobId a = s.enqueue("a", {"x"}, change);
  s.set_class(a, "org.example.One");
  s.set_object(a, s.alice);
  s.alice.usual = Answer::s_false;
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  s.forget();
  s.alice.answers = {Answer::die};
  s.touch(a);
  s.run(1s);
  EXPECT_EQ(s.heard(), R"(
10 JobModification of a to alice/o: dies
10 JobError of a to org.example.One: S_OK
10 JobModification of a to org.example.One: S_OK
)");
}

}  // namespace
}  // namespace backhaul::stories
