// SPDX-License-Identifier: Apache-2.0
// The last rung of the ladder: the command line (notifications.md §10, N101–N117). That the program
// gets exactly these arguments, unexpanded and as this user, is proved with real programs in
// tests/component/posix.
#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

struct CommandLine : ::testing::Test {
  NotifiedStory s;

  // Transferred at 4 s.
  JobId job_with_command() {
    s.serve("x", 3000);
    return s.enqueue("a", {"x"}, NotifiedStory::with_command());
  }
  JobId job_with_object_and_command(Answer answer) {
    const JobId a = job_with_command();
    s.set_object(a, s.bob);
    s.bob.usual = answer;
    return a;
  }
};

// --- when it runs --------------------------------------------------------------------------------

TEST_F(CommandLine, N101_WithoutAnObjectTheProgramRunsWhenTheJobIsTransferred) {
  const JobId a = job_with_command();
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: exit code 0
)");
  EXPECT_EQ(s.row(a).state, JobState::transferred) << "completing it is the program's business";
}

TEST_F(CommandLine, N102_ItRunsWhenTheJobIsInError) {
  s.make_unavailable("x");
  s.enqueue("a", {"x"}, NotifiedStory::with_command());
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
1 program /bin/p for a: exit code 0
)");
}

TEST_F(CommandLine, N102_ItNeverRunsForModificationsAndFiles) {
  s.serve("x", 1000);
  s.serve("y", 1000);
  const JobId a = s.enqueue("a", {"x", "y"}, NotifiedStory::with_command());
  s.set_flags(a, modification | files | ranges);
  s.touch(a);
  s.run(1h);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.heard(), "\n");
}

TEST_F(CommandLine, N102_TheFlagsDecideForItAsForAnObject) {
  const JobId a = job_with_command();
  s.set_flags(a, error);
  s.run(10s);
  EXPECT_EQ(s.heard(), "\n");
  s.set_flags(a, transferred | disable);
  EXPECT_EQ(s.heard(), "\n");
  s.set_flags(a, transferred);
  EXPECT_EQ(s.heard(), R"(
10 program /bin/p for a: exit code 0
)");
}

TEST_F(CommandLine, N103_ItDoesNotRunWhenTheObjectAcknowledges) {
  job_with_object_and_command(Answer::ok);
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 JobTransferred of a to bob/o: S_OK
)");
}

TEST_F(CommandLine, N104_ItRunsWhenTheObjectFailsAndTheMethodIsNotRepeated) {
  job_with_object_and_command(Answer::e_fail);
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 JobTransferred of a to bob/o: E_FAIL
4 program /bin/p for a: exit code 0
)");
}

TEST_F(CommandLine, N104_ABusErrorAndASuccessThatIsNotS_OKAreFailuresToo) {
  job_with_object_and_command(Answer::bus_error);
  s.serve("y", 3000);
  const JobId b = s.enqueue("b", {"y"}, NotifiedStory::with_command());
  s.set_object(b, s.alice);
  s.alice.usual = Answer::s_false;
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 JobTransferred of a to bob/o: a bus error
4 program /bin/p for a: exit code 0
8 JobTransferred of b to alice/o: S_FALSE
8 program /bin/p for b: exit code 0
)");
}

TEST_F(CommandLine, N105_ItRunsWhenTheProcessOfTheObjectIsGone) {
  job_with_object_and_command(Answer::ok);
  s.run(2s);
  s.world.bus.kill(s.bob);
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: exit code 0
)");
}

TEST_F(CommandLine, N105_ItRunsWhenTheProcessDiesInTheCall) {
  job_with_object_and_command(Answer::die);
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 JobTransferred of a to bob/o: dies
4 program /bin/p for a: exit code 0
)");
}

TEST_F(CommandLine, N106_ItRunsWhenItIsSetAfterTheEvent) {
  s.serve("x", 3000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(60s);
  EXPECT_EQ(s.heard(), "\n");
  s.set_command(a);
  EXPECT_EQ(s.heard(), R"(
60 program /bin/p for a: exit code 0
)");
}

TEST_F(CommandLine, TheClassComesBeforeIt) {
  s.world.bus.install("org.example.C");
  const JobId a = job_with_command();
  s.set_class(a, "org.example.C");
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 JobTransferred of a to org.example.C: S_OK
)");
}

TEST_F(CommandLine, ItRunsWhenTheClassCannotBeStarted) {
  const JobId a = job_with_command();
  s.set_class(a, "org.example.NotInstalled");
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: exit code 0
)");
}

// --- how often -----------------------------------------------------------------------------------

TEST_F(CommandLine, N107_ExitCodeZeroIsTheLastRun) {
  job_with_command();
  s.run(4s);
  s.forget();
  s.run(24h);
  EXPECT_EQ(s.heard(), "\n");
  s.crash();
  s.run(24h);
  EXPECT_EQ(s.heard(), "\n");
}

TEST_F(CommandLine, N108_AnotherExitCodeOrASignalMeansAgainAfterTheRetryDelay) {
  job_with_command();
  s.next_programs({Ending::exit_1, Ending::killed, Ending::exit_1});
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: exit code 1
604 program /bin/p for a: killed
1204 program /bin/p for a: exit code 1
1804 program /bin/p for a: exit code 0
)");
}

TEST_F(CommandLine, N108_TheRetryDelayIsTheJobs) {
  const JobId a = job_with_command();
  JobChange change;
  change.minimum_retry_delay = 7;
  s.change(a, change);
  s.next_programs({Ending::exit_1});
  s.run(60s);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: exit code 1
11 program /bin/p for a: exit code 0
)");
}

TEST_F(CommandLine, N109_AProgramThatCompletedTheJobIsNotRunAgainWhateverItsExitCode) {
  const JobId a = job_with_command();
  s.next_programs({Ending::complete_and_exit_1});
  s.run(24h);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: Complete and exit code 1
)");
  EXPECT_TRUE(s.has_file("x"));
  EXPECT_EQ(s.world.store.find(a), nullptr);
}

TEST_F(CommandLine, N110_AMissingProgramIsTriedAgainAfterTheRetryDelayEachTime) {
  job_with_command();
  s.next_programs({Ending::not_started, Ending::not_started, Ending::not_started});
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: cannot be started
604 program /bin/p for a: cannot be started
1204 program /bin/p for a: cannot be started
1804 program /bin/p for a: exit code 0
)");
}

TEST_F(CommandLine, N110_TogetherWithTheObject) {
  job_with_object_and_command(Answer::e_fail);
  s.next_programs({Ending::not_started});
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 JobTransferred of a to bob/o: E_FAIL
4 program /bin/p for a: cannot be started
604 JobTransferred of a to bob/o: E_FAIL
604 program /bin/p for a: exit code 0
)");
}

TEST_F(CommandLine, N110_AnObjectThatAcknowledgesTheSecondTimeIsEnough) {
  const JobId a = job_with_object_and_command(Answer::ok);
  s.bob.answers = {Answer::e_fail};
  s.next_programs({Ending::exit_1});
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 JobTransferred of a to bob/o: E_FAIL
4 program /bin/p for a: exit code 1
604 JobTransferred of a to bob/o: S_OK
)");
  EXPECT_EQ(s.row(a).state, JobState::transferred) << "failing notifications change no state";
}

// --- setting it ----------------------------------------------------------------------------------

TEST_F(CommandLine, N111_BothEmptyRemoveIt) {
  const JobId a = job_with_command();
  EXPECT_EQ(s.row(a).command->program, "/bin/p");
  s.set_command(a, "", "");
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  EXPECT_EQ(s.row(a).command->program, "");
  EXPECT_EQ(s.row(a).command->parameters, "");
  s.run(1h);
  EXPECT_EQ(s.heard(), "\n");
}

TEST_F(CommandLine, N111_RemovedBetweenTwoRunsItIsNotRunAgain) {
  const JobId a = job_with_command();
  s.next_programs({Ending::exit_1});
  s.run(10s);
  s.set_command(a, "", "");
  s.forget();
  s.run(24h);
  EXPECT_EQ(s.heard(), "\n");
}

TEST_F(CommandLine, N112_ParametersWithoutAProgramAreRefusedAndNothingChanges) {
  const JobId a = job_with_command();
  s.set_command(a, "", "p -x");
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG");
  EXPECT_EQ(s.row(a).command->program, "/bin/p");
  EXPECT_EQ(s.row(a).command->parameters, "p");
  s.set_command(a, "p", "p");
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG") << "only an absolute path is a program";
}

TEST_F(CommandLine, N113_Lengths) {
  const JobId a = job_with_command();
  const std::string program = "/" + std::string(259, 'p');
  const std::string parameters(4000, 'x');
  s.set_command(a, program, parameters);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  s.set_command(a, program + "p", "p");
  EXPECT_EQ(s.reply_to_last(), "BG_E_STRING_TOO_LONG");
  s.set_command(a, "/bin/q", parameters + "x");
  EXPECT_EQ(s.reply_to_last(), "BG_E_STRING_TOO_LONG");
  EXPECT_EQ(s.row(a).command->program, program);
}

TEST_F(CommandLine, N114_WhatWasSetIsWhatIsRun) {
  const JobId a = job_with_command();
  const std::string parameters = R"(p $HOME %PATH% ~ * "a b" \"q\" )";
  s.set_command(a, "/opt/$HOME/%PATH%/~/*", parameters);
  s.run(10s);
  EXPECT_EQ(s.heard(), R"(
4 program /opt/$HOME/%PATH%/~/* for a: exit code 0
)");
  EXPECT_EQ(s.row(a).command->parameters, parameters);
}

TEST_F(CommandLine, AnotherOneIsTriedAtOnceFromTheTop) {
  const JobId a = job_with_object_and_command(Answer::e_fail);
  s.next_programs({Ending::exit_1});
  s.run(100s);
  s.set_command(a, "/bin/q", "q");
  EXPECT_EQ(s.heard(), R"(
4 JobTransferred of a to bob/o: E_FAIL
4 program /bin/p for a: exit code 1
100 JobTransferred of a to bob/o: E_FAIL
100 program /bin/q for a: exit code 0
)");
}

TEST_F(CommandLine, ItStaysSetThroughARestartOfTheServiceAndOfTheMachine) {
  job_with_command();
  s.lose_power();
  s.crash();
  s.run(1h);
  EXPECT_NE(s.heard().find(" program /bin/p for a: exit code 0\n"), std::string::npos);
}

// --- whose it is ---------------------------------------------------------------------------------

TEST_F(CommandLine, N115_TakeOwnershipRemovesItAndKeepsTheObject) {
  const JobId a = job_with_object_and_command(Answer::ok);
  s.world.submit("TakeOwnership a", s.root.caller(), ports::command::TakeOwnership{a});
  s.run(0s);
  EXPECT_EQ(s.row(a).command->program, "");
  EXPECT_EQ(s.row(a).object->unique_name, s.bob.unique_name);
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 JobTransferred of a to bob/o: S_OK
)");
}

TEST_F(CommandLine, N116_ItNeverRunsForAServiceAccount) {
  Program& daemon = s.another_program("daemon", 33);
  s.serve("x", 3000);
  ports::command::Enqueue enqueue;
  enqueue.properties = NotifiedStory::with_command();
  enqueue.properties.name = "a";
  enqueue.files = Story::specs({"x"});
  enqueue.start = true;
  s.world.submit("Enqueue", daemon.caller(), enqueue);
  s.run(24h);
  EXPECT_EQ(s.heard(), "\n");
}

TEST(CommandLineSettings, N116_NorForRootWhereTheServiceServesTheMachine) {
  for (const bool machine_wide : {false, true}) {
    engine::Settings settings;
    settings.machine_wide = machine_wide;
    NotifiedStory s(settings);
    s.serve("x", 3000);
    ports::command::Enqueue enqueue;
    enqueue.properties = NotifiedStory::with_command();
    enqueue.properties.name = "a";
    enqueue.files = Story::specs({"x"});
    enqueue.start = true;
    s.world.submit("Enqueue", s.root.caller(), enqueue);
    s.run(24h);
    EXPECT_EQ(s.heard(), machine_wide ? "\n" : "\n4 program /bin/p for a: exit code 0\n");
  }
}

// Of whoever is not the owner a number is known and no name.
TEST(CommandLineSettings, WhereTheServiceServesTheMachineOnlyThatOfTheOwnerRuns) {
  engine::Settings settings;
  settings.machine_wide = true;
  NotifiedStory s(settings);
  s.serve("x", 3000);
  const JobId a = s.enqueue("a", {"x"});
  ports::Caller manager = s.carol.caller();
  manager.right = core::Right::manage;
  for (const ports::Caller& other : {manager, s.root.caller()}) {
    s.world.submit("Change", other, ports::command::Change{a, NotifiedStory::with_command()});
    s.run(1h);
    EXPECT_EQ(s.row(a).command->uid, other.uid);
    EXPECT_EQ(s.heard(), "\n");
    EXPECT_EQ(s.world.service().notify_state(s.row(a)).command_bar, ports::CommandBar::account);
  }
  s.set_command(a);
  EXPECT_EQ(s.heard(), "\n7200 program /bin/p for a: exit code 0\n");
  EXPECT_EQ(s.world.service().notify_state(s.row(a)).command_bar, ports::CommandBar::none);
}

TEST_F(CommandLine, N117_ItBelongsToWhoeverSetItLast) {
  const JobId a = job_with_command();
  EXPECT_EQ(s.row(a).command->uid, s.alice.uid);
  s.change(a, NotifiedStory::with_command("/bin/q"), s.root);
  EXPECT_EQ(s.row(a).command->uid, s.root.uid);
  s.change(a, NotifiedStory::with_command("/bin/r"), s.carol);
  EXPECT_EQ(s.reply_to_last(), "E_ACCESSDENIED") << "and nobody else can set it";
  EXPECT_EQ(s.row(a).command->program, "/bin/q");
}

TEST(CommandLineSettings, APolicyForbidsThemAllWithoutForgettingThem) {
  engine::Settings settings;
  settings.policy.commands.run.value = false;
  NotifiedStory s(settings);
  s.serve("x", 3000);
  const JobId a = s.enqueue("a", {"x"}, NotifiedStory::with_command());
  s.run(24h);
  EXPECT_EQ(s.heard(), "\n");
  EXPECT_EQ(s.row(a).command->program, "/bin/p");
  s.world.settings.policy.commands.run.value = true;
  s.crash();
  EXPECT_NE(s.heard().find(" program /bin/p for a: exit code 0\n"), std::string::npos)
      << "the event waited";
}

// --- programs that take their time ---------------------------------------------------------------

TEST_F(CommandLine, AProgramMayTakeAsLongAsItLikes) {
  job_with_command();
  s.next_programs({Ending::runs_on});
  s.run(24h);
  s.world.launcher.end_all();
  s.run(24h);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: runs on
)");
}

TEST_F(CommandLine, AtMostOneOfAJobRunsAtATime) {
  s.make_unavailable("x");
  const JobId a = s.enqueue("a", {"x"}, NotifiedStory::with_command());
  s.next_programs({Ending::runs_on});
  s.run(10s);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::error) << "a second event, while the program runs";
  s.set_command(a, "/bin/q", "q");
  EXPECT_EQ(s.heard(), R"(
1 program /bin/p for a: runs on
)");
  s.world.launcher.end_all();
  s.run(0s);
  EXPECT_EQ(s.heard(), R"(
20 program /bin/q for a: exit code 0
)") << "its exit code was for the first event";
}

TEST_F(CommandLine, ARunThatTheServiceDidNotSeeEndIsRepeated) {
  job_with_command();
  s.next_programs({Ending::runs_on});
  s.run(10s);
  s.crash();
  s.run(24h);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: runs on
10 program /bin/p for a: exit code 0
)");
}

TEST_F(CommandLine, FourProgramsThatDoNotEndStopOnlyTheirUser) {
  s.next_programs({Ending::runs_on, Ending::runs_on, Ending::runs_on, Ending::runs_on});
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    s.serve(name, 1000);
    s.enqueue(name, {name}, NotifiedStory::with_command("/bin/" + std::string(name)));
  }
  s.run(20s);
  s.serve("f", 1000);
  ports::command::Enqueue enqueue;
  enqueue.properties = NotifiedStory::with_command("/bin/f");
  enqueue.properties.name = "f";
  enqueue.files = Story::specs({"f"});
  enqueue.start = true;
  s.world.submit("Enqueue", s.carol.caller(), enqueue);
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
2 program /bin/a for a: runs on
4 program /bin/b for b: runs on
6 program /bin/c for c: runs on
8 program /bin/d for d: runs on
22 program /bin/f for f: exit code 0
)") << "e is transferred and waits for a slot, carol's f does not";
  s.world.launcher.end_all();
  s.run(0s);
  EXPECT_EQ(s.heard(), R"(
3620 program /bin/e for e: exit code 0
)");
}

TEST_F(CommandLine, TheJobOfAProgramThatRunsCanBeCancelled) {
  const JobId a = job_with_command();
  s.next_programs({Ending::runs_on});
  s.run(10s);
  s.cancel(a);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  s.world.launcher.end_all();
  s.run(24h);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: runs on
)");
}

TEST_F(CommandLine, AJobThatCompletesItselfRunsItAfterwards) {
  s.serve("x", 3000);
  JobChange change = NotifiedStory::with_command();
  change.auto_complete = true;
  const JobId a = s.enqueue("a", {"x"}, change);
  s.next_programs({Ending::exit_1});
  s.run(1h);
  EXPECT_EQ(s.heard(), R"(
4 program /bin/p for a: exit code 1
604 program /bin/p for a: exit code 0
)");
  EXPECT_TRUE(s.has_file("x"));
  EXPECT_EQ(s.world.store.find(a), nullptr) << "now it is gone";
}

}  // namespace
}  // namespace backhaul::stories
