// SPDX-License-Identifier: Apache-2.0
// What is registered or cleared while a call has not returned: whose answer counts, and who is told when.
#include <optional>
#include <string>

#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

// Whoever is called first hangs in FileTransferred of x, and both files are here.
struct InFileTransferred : NotifiedStory {
  JobId a = in_call();

  JobId in_call() {
    for (const char* name : {"x", "y"}) serve(name, 1000);
    JobChange change = with_flags(files | transferred);
    change.minimum_retry_delay = 30;
    const JobId job = enqueue("a", {"x", "y"}, change);
    bob.answers = {Answer::hang};
    set_object_2(job, bob);
    run(10s);
    forget();
    return job;
  }
};

TEST(OpenCall, N56_AnObjectThatIsRegisteredAnewHearsOfTheNextFileWhenTheCallHasReturned) {
  InFileTransferred s;
  s.set_object_2(s.a, s.bob);
  s.clear_object(s.a, s.bob);
  s.set_object_2(s.a, s.bob);
  s.set_object_2(s.a, s.bob, "/another");
  s.run(10s);
  EXPECT_EQ(s.heard(), "\n");
  s.answer(s.bob, Code::S_OK);
  EXPECT_EQ(s.heard(), R"(
20 FileTransferred of file 1 of a to bob/another: S_OK
20 JobTransferred of a to bob/another: S_OK
)");
}

TEST(OpenCall, N56_WhatTheFormerObjectOfTheProgramRefusesWaitsForTheRetryDelay) {
  InFileTransferred s;
  s.set_object_2(s.a, s.bob);
  s.answer(s.bob, Code::E_FAIL);
  s.run(100s);
  EXPECT_EQ(s.heard(), R"(
40 FileTransferred of file 0 of a to bob/o: S_OK
40 FileTransferred of file 1 of a to bob/o: S_OK
40 JobTransferred of a to bob/o: S_OK
)");
}

TEST(OpenCall, AnObjectOfAnotherProgramIsToldAtOnceAndTheFormerAnswerCountsForNothing) {
  InFileTransferred s;
  s.alice.answers = {Answer::hang};
  s.set_object_2(s.a, s.alice);
  s.answer(s.bob, Code::S_OK);
  s.run(10s);
  EXPECT_EQ(s.heard(), "\n10 FileTransferred of file 0 of a to alice/o: hangs\n");
  s.answer(s.alice, Code::S_OK);
  EXPECT_EQ(s.heard(), R"(
20 FileTransferred of file 1 of a to alice/o: S_OK
20 JobTransferred of a to alice/o: S_OK
)");
}

TEST(OpenCall, AProgramThatIsGoneKeepsNobodyWaiting) {
  InFileTransferred s;
  s.set_object_2(s.a, s.bob);
  s.world.bus.kill(s.bob);
  s.set_object_2(s.a, s.alice);
  EXPECT_EQ(s.heard(), R"(
10 FileTransferred of file 0 of a to alice/o: S_OK
10 FileTransferred of file 1 of a to alice/o: S_OK
10 JobTransferred of a to alice/o: S_OK
)");
}

// Its FileTransferred lasts, and nobody is registered any more: what comes behind it comes when it has returned.
TEST(OpenCall, N60_TheEndOfAJobWaitsForTheAnswerOfAnObjectThatWasCleared) {
  for (const Code code : {Code::S_OK, Code::E_FAIL}) {
    InFileTransferred s;
    s.set_command(s.a);
    s.clear_object(s.a, s.bob);
    s.run(10s);
    EXPECT_EQ(s.heard(), "\n") << base::symbol(code);
    s.answer(s.bob, code);
    EXPECT_EQ(s.heard(), "\n20 program /bin/p for a: exit code 0\n") << base::symbol(code);
  }
}

TEST(OpenCall, AFileOfAnObjectThatWasClearedIsToldToTheClassOnlyIfItsCallFails) {
  for (const Code code : {Code::S_OK, Code::E_FAIL}) {
    InFileTransferred s;
    s.world.bus.install("org.example.One");
    s.set_class(s.a, "org.example.One");
    s.clear_object(s.a, s.bob);
    s.run(10s);
    EXPECT_EQ(s.heard(), "\n") << base::symbol(code);
    s.answer(s.bob, code);
    const std::string again = code == Code::S_OK ? "" : "20 FileTransferred of file 0 of a to org.example.One: S_OK\n";
    EXPECT_EQ(s.heard(), "\n" + again + R"(20 FileTransferred of file 1 of a to org.example.One: S_OK
20 JobTransferred of a to org.example.One: S_OK
)");
  }
}

// Whoever is called first hangs in JobTransferred, and the class and the command line are below it.
struct InJobTransferred : NotifiedStory {
  JobId a = in_call();

  JobId in_call() {
    serve("x", 1000);
    const JobId job = enqueue("a", {"x"});
    bob.answers = {Answer::hang};
    set_object(job, bob);
    run(10s);
    forget();
    return job;
  }
  std::optional<ports::NotifyWait> waits_for() {
    const auto unheard = world.service().notify_state(row(a)).unheard;
    return unheard.empty() ? std::nullopt : std::optional(unheard[0].wait);
  }
};

TEST(OpenCall, N103_AnObjectThatIsClearedInsideTheCallAnswersForTheEvent) {
  for (const bool command : {false, true}) {
    InJobTransferred s;
    s.world.bus.install("org.example.One");
    command ? s.set_command(s.a) : s.set_class(s.a, "org.example.One");
    s.clear_object(s.a, s.bob);
    s.run(10s);
    EXPECT_EQ(s.waits_for(), ports::NotifyWait::answer);
    s.answer(s.bob, Code::S_OK);
    EXPECT_EQ(s.waits_for(), std::nullopt);
    s.run(1h);
    EXPECT_EQ(s.heard(), "\n") << command;
  }
}

TEST(OpenCall, N104_TheNextRungIsTheOneOfTheMomentInWhichTheCallFails) {
  InJobTransferred s;
  s.set_command(s.a);
  s.clear_object(s.a, s.bob);
  s.run(10s);
  s.world.bus.install("org.example.One");
  s.set_class(s.a, "org.example.One");
  EXPECT_EQ(s.heard(), "\n");
  s.answer(s.bob, Code::S_FALSE);
  s.run(1h);
  EXPECT_EQ(s.heard(), "\n20 JobTransferred of a to org.example.One: S_OK\n");
}

TEST(OpenCall, N105_AProgramThatDiesInsideTheCallAfterItClearedItsObjectHasNotHeard) {
  InJobTransferred s;
  s.set_command(s.a);
  s.clear_object(s.a, s.bob);
  s.run(10s);
  s.world.bus.kill(s.bob);
  s.run(1h);
  EXPECT_EQ(s.heard(), "\n20 program /bin/p for a: exit code 0\n");
}

TEST(OpenCall, ARestartTellsWhoeverIsRegisteredThen) {
  InJobTransferred s;
  s.set_command(s.a);
  s.clear_object(s.a, s.bob);
  s.run(10s);
  s.crash();
  s.run(1s);
  EXPECT_EQ(s.heard(), "\n20 program /bin/p for a: exit code 0\n");
}

// The event stands for whoever comes, under another number.
TEST(OpenCall, N46_AnObjectThatIsRegisteredInsideJobTransferredIsToldAtOnce) {
  InJobTransferred s;
  s.clear_object(s.a, s.bob);
  s.set_object(s.a, s.alice);
  s.answer(s.bob, Code::E_FAIL);
  EXPECT_EQ(s.heard(), "\n10 JobTransferred of a to alice/o: S_OK\n");
}

TEST(OpenCall, N70_AnObjectThatIsRegisteredAnewHearsOfTheNextChangeWhenTheCallHasReturned) {
  NotifiedStory s;
  const JobId a = s.create("a", {}, NotifiedStory::with_flags(modification));
  s.bob.answers = {Answer::hang};
  s.set_object_2(a, s.bob);
  s.run(10s);
  s.set_object_2(a, s.bob);
  s.touch(a);
  s.run(10s);
  EXPECT_EQ(s.heard(), "\n0 JobModification of a to bob/o: hangs\n");
  s.answer(s.bob, Code::S_OK);
  EXPECT_EQ(s.heard(), "\n20 JobModification of a to bob/o: S_OK\n");
}

}  // namespace
}  // namespace backhaul::stories
