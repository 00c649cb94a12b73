// SPDX-License-Identifier: Apache-2.0
// Commands that wait until a directory answers: whoever sent them sees them done in their order, and
// nobody else waits.
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

namespace command = ports::command;

// /nfs does not answer until it is told to.
class SlowStory : public Story {
 public:
  explicit SlowStory(engine::Settings settings = {}, sim::Options options = {})
      : Story(settings, options) {
    serve("x", 1000);
    serve("y", 1000);
    world.disk.directories["/nfs"].silent = true;
  }
  void answer() {
    world.disk.directories["/nfs"].silent = false;
    run(1s);  // it is looked at once a second
  }
  base::CallId send(Program& by, ports::CommandBody body) {
    const base::CallId call = world.submit(by.label, by.caller(), std::move(body)).id;
    run(0s);
    return call;
  }
  static std::vector<ports::FileSpec> on_nfs(const std::vector<std::string>& names) {
    std::vector<ports::FileSpec> files;
    for (const std::string& name : names) files.push_back({"http://host/" + name, "/nfs/" + name});
    return files;
  }
  std::string reply(base::CallId id) const {
    const sim::Call& call = world.clients.call(id);
    if (!call.reply) return call.lost ? "lost" : "open";
    return sim::to_text(*call.reply, [](const JobId&) { return "a job"; });
  }
  core::ObjectRegistration object_of(Program& program) {
    core::ObjectRegistration object;
    object.bus_id = world.bus.id();
    object.unique_name = program.unique_name;
    object.path = "/o";
    object.uid = program.uid;
    object.level = 1;
    return object;
  }
};

TEST(WaitingCommands, ADirectoryThatDoesNotAnswerHoldsUpNobodyElse) {
  SlowStory s;
  const JobId a = s.create("a");
  const auto call = s.send(s.alice, command::AddFiles{a, s.on_nfs({"x"})});
  s.run(1h);
  EXPECT_EQ(s.reply(call), "open");
  const auto same_job = s.send(s.bob, command::AddFiles{a, s.specs({"y"})});
  EXPECT_EQ(s.reply(same_job), "S_OK");
  const auto other_user = s.send(s.carol, command::Enqueue{.properties = {},
                                                           .files = s.specs({"x"}),
                                                           .start = true});
  EXPECT_EQ(s.reply(other_user), "a job");
  s.run(10s);
  EXPECT_EQ(s.row(a).files.total, 1U);
  EXPECT_FALSE(s.world.service().idle());
  s.answer();
  EXPECT_EQ(s.reply(call), "S_OK");
  EXPECT_EQ(s.row(a).files.total, 2U);
  EXPECT_EQ(s.file(a, 1).local, "/nfs/x");
}

// What else is in the turn takes a commit: the directory is asked meanwhile, and where it answers at once there is one
// commit for all of it.
TEST(WaitingCommands, WaitForNoCommitBeforeTheirs) {
  for (const bool at_once : {true, false}) {
    SlowStory s;
    const JobId a = s.create("a");
    s.world.stage.options.commit = {1s, 1s};
    if (!at_once) s.world.stage.options.check = {1s, 1s};
    s.world.submit("Change", s.alice.caller(), command::Change{a, {.name = "b"}});
    const auto call = s.send(s.bob, command::Enqueue{.properties = {}, .files = s.specs({"x"}), .start = true});
    s.run(at_once ? 1s : 2s);
    EXPECT_EQ(s.reply(call), "a job");
  }
}

// What was asked for a command of a turn that was dropped is no answer for another one.
TEST(WaitingCommands, HearNoAnswerThatIsForACommandOfALostTurn) {
  SlowStory s;
  const JobId a = s.create("a");
  s.world.stage.options.check = {20s, 20s};
  s.world.store.fail_next();
  s.world.submit("Change", s.alice.caller(), command::Change{a, {.name = "b"}});
  const auto lost = s.send(s.bob, command::Enqueue{.properties = {}, .files = s.specs({"x"}), .start = true});
  s.run(10s);
  EXPECT_NE(s.reply(lost), "open");
  EXPECT_NE(s.reply(lost), "a job");
  const auto refused = s.send(s.alice, command::AddFiles{a, {{"http://host/x", "/nowhere/x"}}});
  s.run(15s);
  EXPECT_EQ(s.reply(refused), "open") << "the answer that came is for the other one";
  s.run(10s);
  EXPECT_NE(s.reply(refused), "S_OK");
}

TEST(WaitingCommands, OneClientSeesItsCommandsDoneInTheirOrder) {
  SlowStory s;
  const JobId a = s.create("a");
  const JobId b = s.create("b", {"y"});
  s.forget();
  s.send(s.alice, command::AddFiles{a, s.on_nfs({"x"})});
  s.send(s.alice, command::Start{a});  // without files it would be refused
  s.send(s.alice, command::Start{b});
  s.send(s.alice, command::Enqueue{.properties = {.name = "c"}, .files = s.specs({"y"})});
  s.send(s.alice, command::Complete{a});
  s.run(10s);
  EXPECT_EQ(s.told(), "\n");
  s.answer();
  s.run(5s);
  EXPECT_EQ(s.told(), R"(
11 b is queued
11 c is suspended
11 a is queued
11 alice: S_OK
11 alice: S_OK
11 alice: S_OK
11 alice: c
11 b is connecting
11 a is acknowledged
11 a is removed
11 alice: BG_S_PARTIAL_COMPLETE
12 b is transferring
13 b is transferred
)");
}

// What needs no second look is not looked at twice, and many wait once.
TEST(WaitingCommands, EachIsLookedAtOnceAndAllOfThemAtTheSameTime) {
  sim::Options options;
  options.check = {1s, 1s};
  SlowStory s({}, options);
  std::vector<base::CallId> calls;
  for (int i = 0; i < 20; ++i)
    calls.push_back(s.world.submit("alice", s.alice.caller(),
                                   command::Enqueue{.properties = {}, .files = s.specs({"x"})})
                        .id);
  const std::uint64_t commits = s.world.store.commits();
  s.run(1s);
  for (const base::CallId call : calls) EXPECT_EQ(s.reply(call), "a job");
  EXPECT_EQ(s.world.files.checks, 20U);
  EXPECT_EQ(s.world.store.commits(), commits + 1) << "a burst is one commit";
}

TEST(WaitingCommands, WhatIsRefusedAnywayWaitsForNoDirectory) {
  SlowStory s({.policy = {.limits = {.files_per_job = {.value = 1}}}});
  const JobId a = s.create("a");
  const auto many = s.send(s.alice, command::AddFiles{a, s.on_nfs({"x", "y"})});
  EXPECT_EQ(s.reply(many), "BG_E_TOO_MANY_FILES_IN_JOB");
  const auto odd = s.send(s.alice, command::AddFiles{a, {{"ftp://host/x", "/nfs/x"}}});
  EXPECT_EQ(s.reply(odd), "E_INVALIDARG");
  EXPECT_EQ(s.world.files.checks, 0U);
}

TEST(WaitingCommands, AClientReadsItsOwnWritesAndOthersReadAtOnce) {
  SlowStory s;
  const JobId a = s.create("a");
  s.send(s.alice, command::AddFiles{a, s.on_nfs({"x"})});
  std::optional<std::uint32_t> alice, bob;
  s.world.service().read(s.alice.peer, [&] { alice = s.row(a).files.total; });
  s.world.service().read(s.bob.peer, [&] { bob = s.row(a).files.total; });
  s.run(10s);
  EXPECT_EQ(bob, 0U);
  EXPECT_FALSE(alice);
  s.answer();
  EXPECT_EQ(alice, 1U);
}

TEST(WaitingCommands, AJobThatIsCancelledMeanwhileTakesNoFiles) {
  SlowStory s;
  const JobId a = s.create("a");
  const auto call = s.send(s.alice, command::AddFiles{a, s.on_nfs({"x"})});
  s.cancel(a, s.bob);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  s.answer();
  EXPECT_EQ(s.reply(call), "BG_E_INVALID_STATE");
}

TEST(WaitingCommands, LimitsAreJudgedAgainWhenItGoesOn) {
  SlowStory s({.policy = {.limits = {.jobs_per_user = {.value = 2}, .files_per_job = {.value = 2}}}});
  const JobId a = s.create("a");
  const auto files = s.send(s.alice, command::AddFiles{a, s.on_nfs({"x", "y"})});
  const auto job = s.send(s.bob, command::Enqueue{.properties = {}, .files = s.on_nfs({"x"})});
  Program& third = s.another_program("third");
  EXPECT_EQ(s.reply(s.send(third, command::AddFiles{a, s.specs({"x"})})), "S_OK");
  EXPECT_EQ(s.reply(s.send(third, command::Enqueue{})), "a job");
  s.answer();
  EXPECT_EQ(s.reply(files), "BG_E_TOO_MANY_FILES_IN_JOB");
  EXPECT_EQ(s.reply(job), "BG_E_TOO_MANY_JOBS_PER_USER");
}

TEST(WaitingCommands, ADirectoryIsLookedAtAgainForANewOwner) {
  SlowStory s;
  const JobId a = s.create("a");
  Program& other_root = s.another_program("other root", 0);
  const auto call = s.send(s.root, command::AddFiles{a, s.on_nfs({"x"})});
  EXPECT_EQ(s.reply(s.send(other_root, command::TakeOwnership{a})), "S_OK");
  s.answer();
  s.run(1s);
  EXPECT_EQ(s.reply(call), "S_OK");
  EXPECT_EQ(s.world.files.checks, 2U);
}

TEST(WaitingCommands, AStoreThatFailsRefusesWhatWaitsAndNothingOfItHappened) {
  SlowStory s;
  const JobId a = s.create("a");
  const auto waits = s.send(s.alice, command::AddFiles{a, s.on_nfs({"x"})});
  const auto behind = s.send(s.alice, command::Start{a});
  const auto other = s.send(s.bob, command::AddFiles{a, s.on_nfs({"y"})});
  s.world.store.broken = Code::DISK_FULL;
  s.answer();
  for (const base::CallId call : {waits, behind, other}) EXPECT_EQ(s.reply(call), "DISK_FULL");
  EXPECT_EQ(s.row(a).files.total, 0U);
  s.world.store.broken.reset();
  s.run(6s);
  EXPECT_EQ(s.reply(s.send(s.alice, command::AddFiles{a, s.on_nfs({"x"})})), "S_OK");
}

TEST(WaitingCommands, AServiceThatStopsRefusesThem) {
  SlowStory s;
  const JobId a = s.create("a");
  const auto waits = s.send(s.alice, command::AddFiles{a, s.on_nfs({"x"})});
  const auto behind = s.send(s.alice, command::Start{a});
  // Not heard before the service is told to stop.
  const auto late =
      s.world.submit("bob", s.bob.caller(), command::AddFiles{a, s.on_nfs({"y"})}).id;
  s.world.stop_service();
  s.run(1s);
  EXPECT_FALSE(s.world.running());
  for (const base::CallId call : {waits, behind, late})
    EXPECT_EQ(s.reply(call), "RPC_SERVER_UNAVAILABLE");
}

TEST(WaitingCommands, ACrashTakesThemWithIt) {
  SlowStory s;
  const JobId a = s.create("a");
  const auto waits = s.send(s.alice, command::AddFiles{a, s.on_nfs({"x"})});
  s.crash();
  EXPECT_EQ(s.reply(waits), "lost");
  s.answer();
  EXPECT_EQ(s.row(a).files.total, 0U);
}

// What it sent is carried out, as it would have been without the wait; but it is not here any more.
TEST(WaitingCommands, AClientThatLeavesMeanwhileHoldsNothingAfterwards) {
  SlowStory s;
  const JobId a = s.create("a");
  const JobId b = s.create("b");
  s.send(s.bob, command::AddFiles{a, s.on_nfs({"x"})});
  s.send(s.bob, command::SetObject{a, s.object_of(s.bob)});
  s.send(s.bob, command::Cancel{b});
  s.world.bus.kill(s.bob);
  s.run(1s);
  s.answer();
  EXPECT_EQ(s.row(a).files.total, 1U);
  EXPECT_FALSE(s.row(a).object);
  s.cancel(a);
  s.world.bus.kill(s.alice);
  s.run(1s);
  EXPECT_TRUE(s.world.service().idle()) << "a tombstone is kept for somebody who left";
}

// The same of a command that waits behind a Complete which then fails.
TEST(WaitingCommands, AClientThatLeavesWhileItsCommandWaitsBehindCompleteHoldsNothing) {
  sim::Options options;
  options.disk = {1s, 1s};
  SlowStory s({}, options);
  const JobId a = s.enqueue("a", {"x"});
  s.run(20s);
  ASSERT_EQ(s.row(a).state, JobState::transferred);
  const sim::Directory away = s.world.disk.directories.at("/d");
  s.world.disk.directories.erase("/d");
  s.complete(a);
  const auto set = s.send(s.bob, command::SetObject{a, s.object_of(s.bob)});
  const auto cancel = s.send(s.carol, command::Cancel{a});
  EXPECT_EQ(s.reply(cancel), "E_ACCESSDENIED");
  s.world.bus.kill(s.bob);
  s.run(3s);
  EXPECT_EQ(s.reply_to_last(), "PATH_NOT_FOUND");
  EXPECT_EQ(s.reply(set), "S_OK");
  EXPECT_FALSE(s.row(a).object);

  Program& third = s.another_program("third");
  s.complete(a);
  s.send(third, command::Cancel{a});
  s.world.bus.kill(third);
  s.world.disk.directories["/d"] = away;
  s.world.disk.directories["/d"].writable = false;
  s.run(1h);
  s.world.bus.kill(s.alice);
  s.run(1s);
  EXPECT_TRUE(s.world.service().idle()) << "a tombstone is kept for somebody who left";
}

}  // namespace
}  // namespace backhaul::stories
