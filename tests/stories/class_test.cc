// SPDX-License-Identifier: Apache-2.0
// The rungs below the object: classes that are started on demand, and command lines
// (notifications.md §9, §10, §22).
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

using sim::Ending;
using sim::StartBehaviour;

constexpr const char* one = "org.example.One";
constexpr const char* two = "org.example.Two";

// A job that is transferred at 2 s; the retry delay is 10 s.
JobId small_job(Story& s, const std::string& name, JobChange properties = {}) {
  s.serve(name, 1000);
  if (!properties.minimum_retry_delay) properties.minimum_retry_delay = 10;
  return s.enqueue(name, {name}, std::move(properties));
}

JobChange class_of(const std::string& name) {
  return {.notify_class = core::ClassRegistration{name, "/org/example"}};
}

JobChange command_of(const std::string& program) {
  return {.command = core::CommandRegistration{program, program + " x", 0}};
}

TEST(Class, N87_WithoutAnObjectTheServerIsStartedAndTold) {
  Story s;
  s.world.bus.install(one);
  small_job(s, "a", class_of(one));
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
2 a is transferred
2 org.example.One is started
2 org.example.One makes an instance for a
2 JobTransferred of a to org.example.One: S_OK
)");
}

TEST(Class, N88_N92_OneServerAndOneInstanceForAllEventsOfAJob) {
  Story s;
  s.world.bus.install(one);
  s.serve("a", 1000).fault({FaultKind::status, 404});
  const JobId a = s.enqueue("a", {"a"}, class_of(one));
  s.run(10s);
  s.start(a);
  s.run(10s);
  small_job(s, "b", class_of(one));
  s.run(10s);
  EXPECT_EQ(s.world.bus.server(one)->starts, 1);
  EXPECT_EQ(s.told_of(one), R"(
1 org.example.One is started
1 org.example.One makes an instance for a
1 JobError of a to org.example.One: S_OK
12 JobTransferred of a to org.example.One: S_OK
22 org.example.One makes an instance for b
22 JobTransferred of b to org.example.One: S_OK
)");
}

TEST(Class, N89_AnObjectThatCanBeCalledComesFirst) {
  Story s;
  s.world.bus.install(one);
  const JobId a = small_job(s, "a", class_of(one));
  s.alice.answers = {Answer::e_fail};  // a living object that fails is not passed over
  s.set_object(a, s.alice);
  s.run(20s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
1 a is transferring
2 a is transferred
2 JobTransferred of a to alice/o: E_FAIL
12 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Class, N90_WhenTheProcessOfTheObjectIsGoneTheClassIsUsed) {
  Story s;
  s.world.bus.install(one);
  const JobId a = small_job(s, "a", class_of(one));
  s.bob.answers = {Answer::die};
  s.set_object(a, s.bob);
  s.run(20s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 bob SetObject a: S_OK
1 a is transferring
2 a is transferred
2 JobTransferred of a to bob/o: dies
2 bob dies
2 org.example.One is started
2 org.example.One makes an instance for a
2 JobTransferred of a to org.example.One: S_OK
)");
}

TEST(Class, N91_WhenTheObjectIsClearedTheClassIsUsed) {
  Story s;
  s.world.bus.install(one);
  const JobId a = small_job(s, "a", class_of(one));
  s.alice.usual = Answer::e_fail;
  s.set_object(a, s.alice);
  s.run(5s);
  s.forget();
  s.clear_object(a, s.alice);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
5 ClearObject a: S_OK
5 released alice/o
5 org.example.One is started
5 org.example.One makes an instance for a
5 JobTransferred of a to org.example.One: S_OK
)");
}

TEST(Class, N93_WhenTheInstanceIsGoneTheNextEventMakesANewOne) {
  Story s;
  s.world.bus.install(one).answers = {Answer::die};
  small_job(s, "a", class_of(one));
  s.run(30s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
2 a is transferred
2 org.example.One is started
2 org.example.One makes an instance for a
2 JobTransferred of a to org.example.One: dies
2 org.example.One dies
12 org.example.One is started
12 org.example.One makes an instance for a
12 JobTransferred of a to org.example.One: S_OK
)");
}

TEST(Class, N94_AnObjectThatIsSetTakesOverFromTheInstance) {
  Story s;
  s.world.bus.install(one).usual = Answer::e_fail;
  const JobId a = small_job(s, "a", class_of(one));
  s.run(5s);
  s.forget();
  s.set_object(a, s.alice);
  s.run(20s);
  EXPECT_EQ(s.told(), R"(
5 SetObject a: S_OK
5 released the instance of org.example.One
5 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Class, N95_OfTwoClassesOnlyTheLastIsStarted) {
  Story s;
  s.world.bus.install(one);
  s.world.bus.install(two);
  const JobId a = small_job(s, "a", class_of(one));
  s.change(a, class_of(two));
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 Change a: S_OK
1 a is transferring
2 a is transferred
2 org.example.Two is started
2 org.example.Two makes an instance for a
2 JobTransferred of a to org.example.Two: S_OK
)");
}

TEST(Class, N96_N97_AClassThatIsInstalledLaterIsFoundAtTheNextAttempt) {
  Story s;
  small_job(s, "a", class_of(one));
  s.run(25s);
  s.world.bus.install(one);
  s.run(100s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
2 a is transferred
32 org.example.One is started
32 org.example.One makes an instance for a
32 JobTransferred of a to org.example.One: S_OK
)");
}

TEST(Class, N96_TheDelayDoublesWithEveryFailedStart) {
  Story s;
  s.world.bus.install(one).start = StartBehaviour::fails;
  small_job(s, "a", class_of(one));
  s.run(200s);
  EXPECT_EQ(s.told_of(one), R"(
2 org.example.One does not start
12 org.example.One does not start
32 org.example.One does not start
72 org.example.One does not start
152 org.example.One does not start
)");
}

TEST(Class, N98_AServerThatNeverRegistersIsGivenUpAfterTheTimeLimit) {
  Story s;
  s.world.bus.install(one).start = StartBehaviour::never_registers;
  small_job(s, "a", class_of(one));
  s.run(30s);
  s.world.bus.server(one)->start = StartBehaviour::starts;
  s.run(100s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
2 a is transferred
2 org.example.One is started and never registers
72 org.example.One is started
72 org.example.One makes an instance for a
72 JobTransferred of a to org.example.One: S_OK
)");
}

TEST(Class, N99_AnEventWithoutAnyListenerGoesToAClassThatIsSetLater) {
  Story s;
  s.world.bus.install(one);
  const JobId a = small_job(s, "a");
  s.run(1000s);
  s.forget();
  s.change(a, class_of(one));
  EXPECT_EQ(s.told(), R"(
1000 Change a: S_OK
1000 org.example.One is started
1000 org.example.One makes an instance for a
1000 JobTransferred of a to org.example.One: S_OK
)");
}

TEST(Class, N79_N86_ClassFlagsAndCommandSurviveTheService) {
  Story s;
  s.world.bus.install(one);
  JobChange change = class_of(one);
  change.command = core::CommandRegistration{"/bin/x", "x", 0};
  change.notify_flags = base::notify::job_error;
  const JobId a = small_job(s, "a", change);
  s.lose_power();
  EXPECT_EQ(s.row(a).notify_class->name, one);
  EXPECT_EQ(s.row(a).command->program, "/bin/x");
  EXPECT_EQ(s.row(a).command->uid, 1000U);
  EXPECT_EQ(s.row(a).notify_flags, base::notify::job_error);
}

TEST(Command, N101_N107_WithoutAnObjectTheProgramRunsOnce) {
  Story s;
  small_job(s, "a", command_of("/bin/x"));
  s.run(1000s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
2 a is transferred
2 program /bin/x for a: exit code 0
)");
}

TEST(Command, N103_N104_ItRunsWhenTheMethodFailedAndNotWhenItAcknowledged) {
  Story s;
  const JobId a = small_job(s, "a", command_of("/bin/a"));
  const JobId b = small_job(s, "b", command_of("/bin/b"));
  s.set_object(a, s.alice);
  s.bob.answers = {Answer::e_fail};
  s.set_object(b, s.bob);
  s.run(1000s);
  EXPECT_EQ(s.told_of(" of "), R"(
2 JobTransferred of a to alice/o: S_OK
4 JobTransferred of b to bob/o: E_FAIL
)");
  s.run(1000s);
}

TEST(Command, N105_ItRunsWhenTheProcessOfTheObjectIsGone) {
  Story s;
  const JobId a = small_job(s, "a", command_of("/bin/x"));
  s.bob.answers = {Answer::die};
  s.set_object(a, s.bob);
  s.run(1000s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 bob SetObject a: S_OK
1 a is transferring
2 a is transferred
2 JobTransferred of a to bob/o: dies
2 bob dies
2 program /bin/x for a: exit code 0
)");
}

TEST(Command, N106_ItRunsAlsoIfItIsSetAfterTheEvent) {
  Story s;
  const JobId a = small_job(s, "a");
  s.run(100s);
  s.forget();
  s.change(a, command_of("/bin/x"));
  EXPECT_EQ(s.told(), R"(
100 Change a: S_OK
100 program /bin/x for a: exit code 0
)");
}

TEST(Command, N108_N110_AProgramThatFailsRunsAgainAfterTheDelay) {
  Story s;
  s.world.launcher.endings = {Ending::exit_1, Ending::killed, Ending::not_started};
  small_job(s, "a", command_of("/bin/x"));
  s.run(1000s);
  EXPECT_EQ(s.told_of("program"), R"(
2 program /bin/x for a: exit code 1
12 program /bin/x for a: killed
22 program /bin/x for a: cannot be started
32 program /bin/x for a: exit code 0
)");
}

TEST(Command, N109_NotIfItCompletedTheJob) {
  Story s;
  s.world.launcher.endings = {Ending::complete_and_exit_1};
  small_job(s, "a", command_of("/bin/x"));
  s.run(1000s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
2 a is transferred
2 program /bin/x for a: Complete and exit code 1
2 a is acknowledged
2 a is removed
2 /bin/x Complete: S_OK
3 /bin/x dies
)");
}

TEST(Command, N110_TheMethodAndTheProgramAreTriedAgainTogether) {
  Story s;
  s.world.launcher.endings = {Ending::not_started};
  const JobId a = small_job(s, "a", command_of("/bin/x"));
  s.alice.answers = {Answer::e_fail};
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
2 program /bin/x for a: cannot be started
12 JobTransferred of a to alice/o: S_OK
)");
}

TEST(Command, OneProgramOfAJobAtATime) {
  Story s;
  s.world.launcher.endings = {Ending::runs_on};
  const JobId a = small_job(s, "a", command_of("/bin/x"));
  s.serve("late", 1000);
  s.run(100s);
  s.add_files(a, {"late"});
  s.start(a);
  s.run(100s);  // transferred again
  s.world.launcher.end_all();
  s.run(1s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
2 a is transferred
2 program /bin/x for a: runs on
100 AddFiles a: S_OK
100 a is queued
100 Start a: S_OK
100 a is connecting
101 a is transferring
102 a is transferred
200 program /bin/x for a: exit code 0
)");
}

TEST(Command, N115_TakeOwnershipRemovesItAndKeepsTheObject) {
  Story s;
  const JobId a = small_job(s, "a", command_of("/bin/x"));
  s.set_object(a, s.alice);
  s.world.submit("root TakeOwnership", s.root.caller(), ports::command::TakeOwnership{a});
  s.run(0s);
  EXPECT_TRUE(s.row(a).command->program.empty());
  EXPECT_TRUE(s.row(a).object);
  EXPECT_EQ(s.row(a).owner_uid, 0U);
}

}  // namespace
}  // namespace backhaul::stories
