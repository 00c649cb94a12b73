// SPDX-License-Identifier: Apache-2.0
// What is registered while a call has not returned: whose answer counts, and who is told when.
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
