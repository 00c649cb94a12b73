// SPDX-License-Identifier: Apache-2.0
// What happens to a part behind its last byte: Complete looks at all of them before it publishes any.
#include "core/part_name.h"
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

std::string part_of(Story& s, const JobId& job, std::uint32_t index) {
  const core::File& file = s.file(job, index);
  return core::part_path(file.local, job, index, file.epoch);
}

// Two files, both here.
JobId received(Story& s, JobChange properties = {}) {
  s.serve("x", 1000);
  s.serve("y", 2000);
  const JobId a = s.enqueue("a", {"x", "y"}, std::move(properties));
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  s.forget();
  return a;
}

// The one that is lost is fetched again, and nothing else.
void expect_repaired_by_start(Story& s, const JobId& a) {
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->file, 1U);
  EXPECT_EQ(s.file(a, 0).state, core::FileState::transferred);
  EXPECT_EQ(s.file(a, 1).state, core::FileState::waiting);
  EXPECT_FALSE(s.has_file("x"));
  EXPECT_FALSE(s.has_file("y"));
  const std::uint32_t epoch_of_x = s.file(a, 0).epoch;
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.file(a, 0).epoch, epoch_of_x);
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  EXPECT_TRUE(s.has_file("x") && s.has_file("y"));
}

TEST(Parts, OneThatIsDeletedBeforeCompleteIsFetchedAgainAlone) {
  Story s;
  const JobId a = received(s);
  s.world.disk.unlink(part_of(s, a, 1));
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(s.reply_to_last(), "FILE_NOT_FOUND");
  s.complete(a);  // does not mean "without it"
  s.run(1s);
  EXPECT_EQ(s.reply_to_last(), "FILE_NOT_FOUND");
  expect_repaired_by_start(s, a);
}

TEST(Parts, OneThatWasCutShortIsNeverPublished) {
  Story s;
  const JobId a = received(s);
  s.world.disk.find(part_of(s, a, 1))->cache.truncate(100);
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(s.reply_to_last(), "BG_E_LOCAL_FILE_CHANGED");
  s.crash();  // what was decided is on disk
  expect_repaired_by_start(s, a);
}

// The number of a deleted file is given out again.
TEST(Parts, OneThatWasReplacedIsNeverPublished) {
  Story s;
  const JobId a = received(s);
  const std::string part = part_of(s, a, 1);
  s.world.disk.unlink(part);
  s.world.disk.create(part)->cache.write(0, sim::garbage, 0, 2000);
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(s.reply_to_last(), "BG_E_LOCAL_FILE_CHANGED");
  expect_repaired_by_start(s, a);
}

// Far from its end, where no digest looks.
TEST(Parts, WhatSomebodyWritesToOneThatWasLeftIsFetchedAnew) {
  Story s;
  const auto& x = s.serve("x", 300'000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(200s);
  s.suspend(a);
  s.run(1s);
  ASSERT_GT(s.file(a, 0).stored.prefix(), 100'000U);
  EXPECT_NE(s.file(a, 0).last_write, 0U);
  sim::Inode& part = *s.world.disk.find(part_of(s, a, 0));
  part.cache.write(10, sim::garbage, 0, 5);
  s.world.disk.touch(part);
  s.start(a);
  s.run(500s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(s.world.disk.find("/d/x")->cache.version(), x.current().number);
}

// What a crash leaves in a part that goes on is ours, although no record knows it.
TEST(Parts, ACrashJustAfterOneGoesOnLosesNothingOfIt) {
  sim::Options slow;
  slow.sync = {300ms, 300ms};
  Story s({}, slow);
  s.serve("x", 10'000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(5500ms);
  s.suspend(a);
  s.run(1s);
  const std::uint64_t held = s.file(a, 0).stored.prefix();
  ASSERT_GT(held, 2000U);
  s.start(a);
  const auto there = [&] { return s.world.disk.find(part_of(s, a, 0))->cache.size(); };
  for (int steps = 0; steps < 500 && there() == held; ++steps) s.run(10ms);
  ASSERT_GT(there(), held) << "something new is there";
  ASSERT_EQ(s.file(a, 0).stored.prefix(), held) << "and nothing of it on record";
  s.crash();
  s.run(900ms);
  EXPECT_EQ(s.file(a, 0).stored.prefix(), held);
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Parts, AJobThatCompletesItselfDoesSoAfterTheRepairToo) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"}, {.auto_complete = true});
  s.run(1500ms);
  s.world.disk.unlink(part_of(s, a, 0));  // while it is being received
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::FILE_NOT_FOUND);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::acknowledged);
  EXPECT_TRUE(s.has_file("x"));
}

TEST(Parts, ADirectoryThatIsGoneIsSaidAndCompleteWorksOnceItIsBack) {
  Story s;
  const JobId a = received(s);
  const sim::Directory away = s.world.disk.directories.at("/d");
  s.world.disk.directories.erase("/d");
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(s.reply_to_last(), "PATH_NOT_FOUND");
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.waiting(a),
            "transferred, but not in place: no directory; waiting to be completed for 1 s");
  s.crash();
  EXPECT_EQ(s.row(a).error->code, Code::PATH_NOT_FOUND);
  s.world.disk.directories["/d"] = away;
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  EXPECT_TRUE(s.has_file("x") && s.has_file("y"));
}

TEST(Parts, StartLooksAtThePartsOfAJobThatCouldNotBePutInPlace) {
  Story s;
  const JobId a = received(s);
  const sim::Directory away = s.world.disk.directories.at("/d");
  s.world.disk.directories.erase("/d");
  s.complete(a);
  s.run(1s);
  s.start(a);
  s.run(1s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(a).error->code, Code::PATH_NOT_FOUND) << "gone still";
  s.world.disk.directories["/d"] = away;
  s.start(a);
  s.run(1s);
  EXPECT_FALSE(s.row(a).error) << "back, with everything in it";
  EXPECT_EQ(s.waiting(a), "transferred; waiting to be completed for 1 s");

  s.world.disk.directories.erase("/d");
  s.complete(a);
  s.run(1s);
  s.world.disk.directories["/d"] = away;
  s.world.disk.unlink(part_of(s, a, 1));
  s.forget();
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.told_of("a is"), R"(
24 a is queued
24 a is connecting
25 a is transferring
27 a is transferred
)");
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
}

// One file, which could not be put in place although its job completes itself. Now it could.
JobId not_in_place(Story& s) {
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"}, {.auto_complete = true});
  s.run(1500ms);
  s.world.disk.directories.at("/d").writable = false;
  s.run(10s);
  s.crash();
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_TRUE(s.row(a).auto_complete) << "its owner's word stands";
  EXPECT_NE(s.waiting(a).find("not in place: not writable; waiting to be completed"), std::string::npos) << s.waiting(a);
  s.world.disk.directories.at("/d").writable = true;
  s.change(a, {.description = "another"});
  s.run(1h);
  EXPECT_EQ(s.row(a).state, JobState::transferred) << "the service does not try by itself";
  return a;
}

TEST(Parts, StartFinishesAJobThatCompletesItselfWhateverKeptItsFilesFromTheirPlaces) {
  for (const bool lost : {false, true}) {
    Story s;
    const JobId a = not_in_place(s);
    if (lost) s.world.disk.unlink(part_of(s, a, 0));
    s.world.stage.options.disk = {10s, 10s};
    s.start(a);
    s.run(1s);
    EXPECT_EQ(s.waiting(a), "not waiting") << "nobody has to do anything while its part is looked for";
    s.crash();
    EXPECT_EQ(s.waiting(a), "not waiting");
    s.run(5min);
    EXPECT_EQ(s.row(a).state, JobState::acknowledged);
    EXPECT_TRUE(s.has_file("x"));
  }
}

TEST(Parts, WhatKeepsThemStillIsToldAfterStartAndNotTriedAgain) {
  Story s;
  const JobId a = not_in_place(s);
  s.world.disk.directories.at("/d").writable = false;
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  ASSERT_TRUE(s.row(a).error);
  EXPECT_EQ(s.row(a).error->code, Code::E_ACCESSDENIED);
  EXPECT_TRUE(s.row(a).auto_complete);
  s.world.disk.directories.at("/d").writable = true;
  s.crash();
  s.run(1h);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
}

TEST(Parts, AutoCompleteThatIsSetAnewTriesAgain) {
  Story s;
  const JobId a = not_in_place(s);
  s.change(a, {.auto_complete = true});
  s.run(1s);
  EXPECT_EQ(s.row(a).state, JobState::acknowledged);
  EXPECT_TRUE(s.has_file("x"));
}

TEST(Parts, AutoCompleteDropsNoFileThatWasAddedBehindTheOthers) {
  Story s;
  const JobId a = received(s);
  s.serve("z", 1000);
  s.add_files(a, {"z"});
  s.change(a, {.auto_complete = true});
  s.run(1s);
  EXPECT_EQ(s.row(a).state, JobState::transferred) << "not everything is here";
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::acknowledged);
  EXPECT_TRUE(s.has_file("x") && s.has_file("y") && s.has_file("z"));
}

TEST(Parts, InAnotherMountWithOtherNumbersEverythingIsStillThere) {
  Story s;
  s.world.disk.renumbers = true;
  const JobId a = received(s);
  s.world.disk.remount();
  s.complete(a);
  s.run(1s);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
}

}  // namespace
}  // namespace backhaul::stories
