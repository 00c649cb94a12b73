// SPDX-License-Identifier: Apache-2.0
// Many owners on one queue: who gets which turn, what somebody may do who is authorised to, and what it takes to
// take a job over (jobs.md §8).
#include <vector>

#include "core/part_name.h"
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

namespace command = ports::command;

struct Owners : Story {
  using Story::Story;

  std::string answer(base::CallId call) {
    const auto& reply = world.clients.call(call).reply;
    if (!reply) return "";
    return *reply ? "S_OK" : base::symbol(reply->error().code);
  }
  std::string ask(const ports::Caller& caller, ports::CommandBody body) {
    const base::CallId call = world.submit("ask", caller, std::move(body)).id;
    run(100ms);
    return answer(call);
  }
  JobId make(Program& by, const std::string& name, std::uint64_t size, std::optional<std::uint32_t> priority = {}) {
    serve(name, size);
    command::Enqueue enqueue;
    enqueue.properties.name = name;
    enqueue.properties.priority = priority;
    enqueue.files = specs({name});
    enqueue.start = true;
    const base::CallId call = world.submit("make", by.caller(), std::move(enqueue)).id;
    run(0s);
    return std::get<JobId>(**world.clients.call(call).reply);
  }
  bool is_done(const JobId& job) { return row(job).state == base::JobState::transferred; }
};

ports::Caller with(ports::Caller caller, core::Right right) {
  caller.right = right;
  return caller;
}

TEST(Owners, WhoHasManyJobsDoesNotKeepOthersWaiting) {
  Owners s;
  std::vector<JobId> hers;
  for (int i = 0; i < 8; ++i) hers.push_back(s.make(s.alice, "a" + std::to_string(i), 2000));
  const JobId his = s.make(s.carol, "c", 2000);
  // The first one has begun, his is next, and then they take turns.
  while (!s.is_done(his)) s.run(500ms);
  EXPECT_TRUE(s.is_done(hers[0]));
  EXPECT_FALSE(s.is_done(hers[2]));
  s.run(60s);
  for (const JobId& job : hers) EXPECT_TRUE(s.is_done(job));
}

TEST(Owners, SlicesGoFromOneOwnerToTheNext) {
  Owners s({.policy = {.limits = {.slice = {.value = 5s}}}});
  const JobId first = s.make(s.alice, "a", 1'000'000);
  const JobId second = s.make(s.alice, "b", 1'000'000);
  const JobId his = s.make(s.carol, "c", 1'000'000);
  s.run(100s);
  const auto held = [&](const JobId& job) { return s.world.service().progress(s.row(job)).bytes_transferred; };
  EXPECT_GT(held(his), held(first) + held(second) - 20'000);
  EXPECT_LT(held(his), held(first) + held(second) + 20'000);
  EXPECT_GT(held(second), 0U);
}

TEST(Owners, TheForegroundIsSharedByOwnersAsWell) {
  Owners s({.policy = {.limits = {.foreground_jobs = {.value = 2}}}});
  std::vector<JobId> hers;
  for (int i = 0; i < 4; ++i) hers.push_back(s.make(s.alice, "a" + std::to_string(i), 5000, 0));
  const JobId his = s.make(s.carol, "c", 1000, 0);
  while (!s.is_done(his)) s.run(500ms);
  EXPECT_FALSE(s.is_done(hers[3]));
  EXPECT_FALSE(s.is_done(hers[2]));
}

TEST(Owners, APlaceInTheLineCountsTheTurnsOfOthers) {
  Owners s;
  s.make(s.alice, "a", 20'000);
  const JobId second = s.make(s.alice, "b", 20'000);
  const JobId third = s.make(s.alice, "d", 20'000);
  const JobId his = s.make(s.carol, "c", 20'000);
  s.run(2s);
  const auto before = [&](const JobId& job) { return s.world.service().waiting(s.row(job)).arguments; };
  EXPECT_EQ(before(his), std::vector<std::string>{"0"});
  EXPECT_EQ(before(second), std::vector<std::string>{"1"});
  EXPECT_EQ(before(third), std::vector<std::string>{"2"});
}

TEST(Owners, WhoIsAuthorisedManagesAJobAndItStaysItsOwners) {
  Owners s;
  const JobId job = s.create("hers");
  const ports::Caller carol = s.carol.caller();
  EXPECT_EQ(s.ask(carol, command::Change{job, {.description = "x"}}), "E_ACCESSDENIED");
  EXPECT_EQ(s.ask(with(carol, core::Right::read), command::Change{job, {.description = "x"}}), "E_ACCESSDENIED");
  EXPECT_TRUE(s.world.service().find(job, with(carol, core::Right::read)));
  EXPECT_FALSE(s.world.service().find(job, carol));
  EXPECT_EQ(s.world.service().page({.all_users = true}, "", 10, with(carol, core::Right::read))->jobs.size(), 1U);
  EXPECT_EQ(s.ask(with(carol, core::Right::manage), command::Change{job, {.description = "x"}}), "S_OK");
  EXPECT_EQ(s.row(job).owner_uid, 1000U);
  EXPECT_EQ(s.ask(with(carol, core::Right::manage), command::TakeOwnership{job}), "E_ACCESSDENIED");
  // Secrets are for the owner alone, whoever it is that asks.
  ports::SecretsChange headers;
  headers.custom_headers = base::Secret("X: 1");
  for (const ports::Caller& by : {with(carol, core::Right::manage), s.root.caller()}) {
    EXPECT_EQ(s.ask(by, command::SetSecrets{job, headers}), "E_ACCESSDENIED");
    EXPECT_EQ(s.ask(by, command::RemoveCertificate{job}), "E_ACCESSDENIED");
  }
  EXPECT_EQ(s.ask(with(carol, core::Right::manage), command::Cancel{job}), "S_OK");
}

TEST(Owners, AJobIsTakenOverByWhoCanUseItsFiles) {
  Owners s;
  s.serve("x", 10);
  const JobId job = s.create("hers", {"x"});
  const ports::Caller taker = with(s.carol.caller(), core::Right::take);
  s.world.disk.directories["/d"].writable = false;
  EXPECT_EQ(s.ask(taker, command::TakeOwnership{job}), "BG_E_NEW_OWNER_NO_FILE_ACCESS");
  EXPECT_EQ(s.row(job).owner_uid, 1000U);
  s.world.disk.directories["/d"].writable = true;
  EXPECT_EQ(s.ask(taker, command::TakeOwnership{job}), "S_OK");
  EXPECT_EQ(s.row(job).owner_uid, 1001U);
  EXPECT_EQ(s.world.service().page({}, "", 10, s.carol.caller())->jobs.size(), 1U);
  EXPECT_EQ(s.world.service().page({}, "", 10, s.alice.caller())->jobs.size(), 0U);
}

TEST(Owners, WhoTakesAJobOverGetsNothingThatTheFormerOwnerMayStillWriteTo) {
  Owners s;
  const ports::Caller taker = with(s.carol.caller(), core::Right::take);
  const JobId running = s.make(s.alice, "x", 20'000);
  s.run(5s);
  ASSERT_GT(s.file(running, 0).stored.total(), 0U);
  const core::File before = s.file(running, 0);
  EXPECT_EQ(s.ask(taker, command::TakeOwnership{running}), "S_OK");
  s.run(500ms);
  EXPECT_GT(s.file(running, 0).epoch, before.epoch + 1);
  EXPECT_GE(s.file(running, 0).stored.total(), before.stored.total()) << "it is copied";
  EXPECT_NE(s.file(running, 0).inode, before.inode);
  EXPECT_EQ(s.files_on_disk(), 1U) << "what the former owner had of it is gone";
  s.run(60s);
  EXPECT_TRUE(s.is_done(running));
  EXPECT_EQ(s.row(running).owner_uid, 1001U);
  const core::File whole = s.file(running, 0);
  const ports::Caller root = s.root.caller();
  EXPECT_EQ(s.ask(root, command::TakeOwnership{running}), "S_OK");
  EXPECT_TRUE(s.is_done(running)) << "nothing has to be fetched again";
  EXPECT_GT(s.file(running, 0).epoch, whole.epoch);
  EXPECT_NE(s.file(running, 0).inode, whole.inode);
  const std::uint64_t mine = s.file(running, 0).inode;
  EXPECT_EQ(s.ask(root, command::TakeOwnership{running}), "S_OK");
  EXPECT_EQ(s.file(running, 0).inode, mine) << "it is the same owner's";
  EXPECT_EQ(s.ask(root, command::Complete{running}), "S_OK");
  EXPECT_EQ(s.files_on_disk(), 1U);
}

TEST(Owners, WhatCannotBeCopiedForTheNewOwnerIsFetchedAnewAndTheRestIsKept) {
  Owners s;
  s.serve("x", 3000);
  s.serve("y", 3000);
  const JobId job = s.enqueue("hers", {"x", "y"});
  s.run(60s);
  ASSERT_TRUE(s.is_done(job));
  const std::uint64_t kept = s.file(job, 1).stored.total();
  s.world.disk.unlink(core::part_path("/d/x", job, 0, s.file(job, 0).epoch));
  EXPECT_EQ(s.ask(s.root.caller(), command::TakeOwnership{job}), "S_OK");
  EXPECT_EQ(s.row(job).owner_uid, 0U);
  EXPECT_EQ(s.file(job, 1).stored.total(), kept);
  EXPECT_EQ(s.file(job, 1).state, core::FileState::transferred);
  EXPECT_FALSE(s.is_done(job));
  s.run(60s);
  EXPECT_TRUE(s.is_done(job));
  EXPECT_EQ(s.ask(s.root.caller(), command::Complete{job}), "S_OK");
  EXPECT_EQ(s.files_on_disk(), 2U);
}

// Copies, commits and looks take a while, so that there are steps in between.
sim::Options slow_disk() {
  sim::Options options;
  options.turn = {1ms, 1ms};
  options.commit = options.commit_answer = options.disk = options.check = {5ms, 9ms};
  options.sync = {20ms, 30ms};
  return options;
}

// At whatever step the service dies, and whatever a power cut takes: the job is one owner's or the other's, what was
// received of it is held, and nothing is left of the copies or of what was copied.
void take_over_and_die(int step, bool power) {
  SCOPED_TRACE("after " + std::to_string(step) + " steps" + (power ? ", with the power" : ""));
  Owners s;
  const JobId whole = s.make(s.alice, "x", 3000);
  s.run(20s);
  ASSERT_TRUE(s.is_done(whole));
  const JobId part = s.make(s.alice, "y", 20'000);
  s.run(8s);
  s.world.submit("suspend", s.alice.caller(), command::Suspend{part});
  s.run(1s);
  const std::uint64_t held = s.file(part, 0).stored.total();
  ASSERT_GT(held, 0U);
  s.world.stage.options = slow_disk();
  for (const JobId& job : {whole, part}) s.world.submit("take", s.root.caller(), command::TakeOwnership{job});
  for (int i = 0; i < step; ++i) s.world.step();
  power ? s.lose_power() : s.crash();
  s.run(10s);
  Program& root = s.another_program("root again", 0);
  for (const JobId& job : {whole, part}) {
    EXPECT_EQ(s.row(job).intent, core::Intent::none);
    EXPECT_TRUE(s.row(job).owner_uid == 0 || s.row(job).owner_uid == 1000) << s.row(job).owner_uid;
    EXPECT_FALSE(s.row(job).rare->takeover);
  }
  EXPECT_TRUE(s.is_done(whole));
  EXPECT_EQ(s.file(part, 0).stored.total(), held);
  EXPECT_EQ(s.files_on_disk(), 2U);
  s.world.submit("start", root.caller(), command::Start{part});
  s.run(60s);
  for (const JobId& job : {whole, part}) s.world.submit("complete", root.caller(), command::Complete{job});
  s.run(10s);
  EXPECT_TRUE(s.has_file("x") && s.has_file("y"));
  EXPECT_EQ(s.files_on_disk(), 2U);
}

TEST(Owners, ATakeoverSurvivesADeathAtEachOfItsSteps) {
  for (int step = 0; step < 60; ++step)
    for (const bool power : {false, true}) take_over_and_die(step, power);
}

// --- accounts that go ------------------------------------------------------------------------------

struct Accounts : Owners {
  Accounts() { her.account = "alice"; }

  JobId make_hers(const std::string& name = "x") {
    serve(name, 20'000);
    command::Enqueue enqueue;
    enqueue.properties.name = "hers";
    enqueue.files = specs({name});
    enqueue.start = true;
    const base::CallId call = world.submit("make", her, std::move(enqueue)).id;
    run(4s);
    return std::get<JobId>(**world.clients.call(call).reply);
  }
  std::string waits(const JobId& job) {
    const core::Waiting waiting = world.service().waiting(row(job));
    return std::string(core::to_word(waiting.kind)) + (waiting.arguments.empty() ? "" : ": " + waiting.arguments[0]);
  }

  ports::Caller her = alice.caller();
  const core::Account account{1000, "alice"};
};

TEST(Accounts, JobsOfOneThatIsGoneAreSuspendedAndWaitForAStartWhenItIsBack) {
  Accounts s;
  const JobId job = s.make_hers();
  ASSERT_EQ(s.row(job).state, base::JobState::transferring);
  EXPECT_EQ(s.row(job).rare->account, "alice");
  s.world.accounts.lose(s.account);
  s.run(1s);
  EXPECT_EQ(s.row(job).state, base::JobState::suspended);
  EXPECT_EQ(s.waits(job), "account: the account alice (user 1000) is not there any more");
  EXPECT_EQ(s.world.service().explain(s.row(job), s.root.caller()).at(1).where, "the accounts of the machine");
  for (const ports::Caller& by : {s.her, s.root.caller()}) {
    EXPECT_EQ(s.ask(by, command::Start{job}), "E_ACCESSDENIED");
    EXPECT_EQ(s.ask(by, command::Complete{job}), "E_ACCESSDENIED");
    EXPECT_EQ(s.ask(by, command::Change{job, {.description = "x"}}), "E_ACCESSDENIED");
  }
  EXPECT_EQ(s.ask(s.her, command::Enqueue{}), "E_ACCESSDENIED");
  s.world.accounts.bring_back(s.account);
  s.run(60s);
  EXPECT_EQ(s.row(job).state, base::JobState::suspended);
  EXPECT_EQ(s.waits(job), "start");
  EXPECT_EQ(s.ask(s.root.caller(), command::Start{job}), "S_OK");
  s.run(60s);
  EXPECT_TRUE(s.is_done(job));
}

struct Units : Accounts {
  Units() { her.account = unit.name; }
  const core::Account unit{1000, core::on_record("alice", true)};
};

TEST(Units, JobsOfOneThatDoesNotRunWaitAndGoOnWhenItRuns) {
  Units s;
  const JobId job = s.make_hers();
  ASSERT_EQ(s.row(job).state, base::JobState::transferring);
  s.world.accounts.lose(s.unit);
  s.run(60s);
  EXPECT_EQ(s.row(job).state, base::JobState::transient_error);
  EXPECT_EQ(s.waits(job), "account: the unit alice does not run");
  EXPECT_EQ(s.ask(s.her, command::Start{job}), "E_ACCESSDENIED");
  s.world.accounts.bring_back(s.unit);
  s.run(60s);
  EXPECT_TRUE(s.is_done(job));
}

TEST(Units, ThatDoNotRunWhenTheServiceBeginsAreWaitedForAsWell) {
  Units s;
  const JobId job = s.make_hers();
  s.world.kill_service();
  s.world.accounts.lose(s.unit);
  s.world.start_service();
  s.run(60s);
  EXPECT_EQ(s.row(job).state, base::JobState::transient_error);
  s.world.accounts.bring_back(s.unit);
  s.run(60s);
  EXPECT_TRUE(s.is_done(job));
}

TEST(Units, TheirJobsGoWithThemToAnotherNumber) {
  Units s;
  const JobId job = s.make_hers();
  s.world.accounts.lose(s.unit);
  s.run(1s);
  s.world.service().post(ports::AccountMoved{s.unit, 1001});
  s.run(1s);
  EXPECT_EQ(s.row(job).owner_uid, 1001U);
  EXPECT_EQ(s.row(job).rare->account, s.unit.name);
  ports::Caller now = s.bob.caller();
  now.uid = 1001;
  now.account = s.unit.name;
  EXPECT_TRUE(s.world.service().find(job, now));
  EXPECT_FALSE(s.world.service().find(job, s.her));
  EXPECT_FALSE(s.world.accounts.watches(s.unit));
  EXPECT_TRUE(s.world.accounts.watches({1001, s.unit.name}));
}

TEST(Accounts, OneThatWentWhileTheServiceWasDownIsNoticedBeforeAnythingRuns) {
  Accounts s;
  const JobId job = s.make_hers();
  const auto held = s.file(job, 0).stored.total();
  s.world.kill_service();
  s.world.accounts.lose(s.account);
  s.world.start_service();
  s.run(60s);
  EXPECT_EQ(s.row(job).state, base::JobState::suspended);
  EXPECT_EQ(s.waits(job).substr(0, 8), "account:");
  EXPECT_LE(s.file(job, 0).stored.total(), held + 1000);  // what was on its way to the disk
  s.world.kill_service();
  s.world.accounts.bring_back(s.account);
  s.world.start_service();
  s.run(60s);
  EXPECT_EQ(s.row(job).state, base::JobState::suspended);
}

TEST(Accounts, WhoHasTheNumberOfAnOwnerNowSeesAndDoesNothing) {
  Accounts s;
  const JobId job = s.make_hers();
  ports::Caller other = s.bob.caller();
  other.account = "bob";
  EXPECT_FALSE(s.world.service().find(job, other));
  EXPECT_TRUE(s.world.service().page({}, "", 10, other)->jobs.empty());
  EXPECT_TRUE(s.world.service().events(0, 10, other).events.empty());
  for (ports::CommandBody body : std::initializer_list<ports::CommandBody>{
           command::Cancel{job}, command::Suspend{job}, command::Complete{job}, command::TakeOwnership{job}})
    EXPECT_EQ(s.ask(other, std::move(body)), "E_ACCESSDENIED");
  s.run(60s);
  EXPECT_TRUE(s.is_done(job));
  EXPECT_TRUE(s.world.service().events(0, 10, other).events.empty());
  EXPECT_FALSE(s.world.service().events(0, 10, s.her).events.empty());
}

TEST(Accounts, WhoHasTheNumberOfAnOwnerNowDidNotMakeTheLastJob) {
  Accounts s;
  const JobId job = s.make_hers();
  ports::Caller other = s.bob.caller();
  other.account = "bob";
  const auto last = [&](const ports::Caller& caller) { return s.world.service().last_job(caller); };
  for (int life = 0; life < 2; ++life) {
    EXPECT_EQ(*last(s.her), job);
    EXPECT_EQ(last(other).error().code, base::Code::BG_E_NOT_FOUND);
    s.crash();
  }
  EXPECT_EQ(s.ask(s.her, command::Cancel{job}), "S_OK");
  s.crash();
  EXPECT_EQ(*last(s.her), job) << "its end is in the log";
  EXPECT_EQ(last(other).error().code, base::Code::BG_E_NOT_FOUND);
  command::Enqueue his;
  his.properties.name = "his";
  const base::CallId call = s.world.submit("make", other, his).id;
  s.run(1s);
  EXPECT_EQ(*last(other), std::get<JobId>(**s.world.clients.call(call).reply));
}

TEST(Accounts, WhoHasNoJobAnyMoreIsNotWatched) {
  Accounts s;
  const JobId first = s.make_hers();
  const JobId second = s.make_hers("y");
  EXPECT_TRUE(s.world.accounts.watches(s.account));
  EXPECT_EQ(s.ask(s.her, command::Cancel{first}), "S_OK");
  s.run(1s);
  EXPECT_TRUE(s.world.accounts.watches(s.account)) << "there is another one";
  EXPECT_EQ(s.ask(s.root.caller(), command::TakeOwnership{second}), "S_OK");
  EXPECT_FALSE(s.world.accounts.watches(s.account)) << "it is root's now";
  const JobId third = s.make_hers("z");
  EXPECT_TRUE(s.world.accounts.watches(s.account));
  EXPECT_EQ(s.ask(s.her, command::Cancel{third}), "S_OK");
  s.run(1s);
  EXPECT_FALSE(s.world.accounts.watches(s.account));
}

TEST(Accounts, WhatIsLeftOfTheOneBeforeIsNotCountedForWhoHasTheNumberNow) {
  Accounts s;
  core::Policy policy;
  policy.limits.jobs_per_user = {1, "/etc/x.conf:3"};
  policy.limits.jobs_per_machine.value = 2;
  policy.limits.exempt_names = {"carol"};
  s.world.service().post(ports::PolicyChanged{policy});
  const JobId job = s.make_hers();
  s.world.accounts.lose(s.account);
  s.run(1s);
  ports::Caller other = s.bob.caller();
  other.account = "bob";
  EXPECT_EQ(s.ask(other, command::Enqueue{}), "S_OK") << "hers is none of his";
  EXPECT_EQ(s.ask(other, command::Enqueue{}), "BG_E_TOO_MANY_JOBS_PER_MACHINE");
  ports::Caller carol = s.carol.caller();
  carol.account = "carol";
  EXPECT_EQ(s.ask(carol, command::Enqueue{}), "S_OK") << "exempt by her name";
  EXPECT_EQ(s.ask(s.root.caller(), command::Cancel{job}), "S_OK");
  EXPECT_EQ(s.ask(other, command::Enqueue{}), "BG_E_TOO_MANY_JOBS_PER_USER") << "his own is counted";
  // By a takeover it is counted for the new owner from then on.
  s.world.accounts.bring_back(s.account);
  s.run(1s);
  const JobId again = s.make_hers("y");
  EXPECT_EQ(s.ask(s.her, command::Enqueue{}), "BG_E_TOO_MANY_JOBS_PER_MACHINE");
  EXPECT_EQ(s.ask(s.root.caller(), command::TakeOwnership{again}), "S_OK");
  EXPECT_EQ(s.ask(s.her, command::Enqueue{}), "S_OK");
}

TEST(Accounts, WhatTheOneBeforeMadeByAProgramIsNotCountedForIt) {
  Accounts s;
  core::Policy policy;
  policy.limits.jobs_per_application = {1, "/etc/x.conf:3"};
  s.world.service().post(ports::PolicyChanged{policy});
  s.her.program = "/bin/a";
  const JobId job = s.make_hers();
  EXPECT_EQ(s.ask(s.her, command::Enqueue{}), "BG_E_TOO_MANY_JOBS_PER_USER");
  s.world.accounts.lose(s.account);
  s.run(1s);
  ports::Caller other = s.bob.caller();
  other.account = "bob";
  other.program = "/bin/a";
  EXPECT_EQ(s.ask(other, command::Enqueue{}), "S_OK") << "hers is none of his";
  EXPECT_EQ(s.ask(other, command::Enqueue{}), "BG_E_TOO_MANY_JOBS_PER_USER");
  // By a takeover it is counted for the new owner from then on.
  s.world.accounts.bring_back(s.account);
  s.run(1s);
  EXPECT_EQ(s.ask(s.root.caller(), command::TakeOwnership{job}), "S_OK");
  EXPECT_EQ(s.ask(s.her, command::Enqueue{}), "S_OK");
}

TEST(Accounts, RootEndsAJobOfOneThatIsGoneOrTakesItOver) {
  Accounts s;
  const JobId first = s.make_hers();
  const JobId second = s.make_hers("y");
  s.world.accounts.lose(s.account);
  s.run(1s);
  EXPECT_EQ(s.ask(s.root.caller(), command::TakeOwnership{first}), "S_OK");
  EXPECT_EQ(s.row(first).rare->account, "");
  EXPECT_EQ(s.ask(s.root.caller(), command::Start{first}), "S_OK");
  EXPECT_EQ(s.ask(s.root.caller(), command::Cancel{second}), "S_OK");
}

}  // namespace
}  // namespace backhaul::stories
