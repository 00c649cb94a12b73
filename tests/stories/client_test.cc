// SPDX-License-Identifier: Apache-2.0
// What clients may do, what they are told when they may not, and what they read (jobs.md §4-§5, §8,
// §20; notifications.md §22).
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

TEST(Clients, N17_AnotherUserMayNothingAndRootEverything) {
  Story s;
  s.serve("x", 5000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(2s);
  s.forget();
  s.set_object(a, s.carol);
  s.clear_object(a, s.carol);
  s.change(a, {.name = "mine"}, s.carol);
  s.start(a, s.carol);
  s.complete(a, s.carol);
  s.cancel(a, s.carol);
  s.world.submit("carol TakeOwnership", s.carol.caller(), ports::command::TakeOwnership{a});
  s.world.submit("TakeOwnership", s.alice.caller(), ports::command::TakeOwnership{a});
  s.run(0s);
  EXPECT_FALSE(s.world.service().find(a, s.carol.caller()));
  s.cancel(a, s.root);
  EXPECT_EQ(s.told(), R"(
2 carol SetObject a: E_ACCESSDENIED
2 carol ClearObject a: E_ACCESSDENIED
2 carol Change a: E_ACCESSDENIED
2 carol Start a: E_ACCESSDENIED
2 carol Complete a: E_ACCESSDENIED
2 carol Cancel a: E_ACCESSDENIED
2 carol TakeOwnership: E_ACCESSDENIED
2 TakeOwnership: E_ACCESSDENIED
2 a is cancelled
2 a is removed
2 root Cancel a: S_OK
)");
}

TEST(Clients, ARefusalNamesItsReason) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.create("a");
  const auto refused = [&](JobChange change) {
    s.change(a, std::move(change));
    return s.reply_to_last();
  };
  EXPECT_EQ(refused({.priority = 4}), "E_NOTIMPL");
  EXPECT_EQ(refused({.notify_flags = 0x40}), "E_NOTIMPL");  // N7
  EXPECT_EQ(refused({.name = std::string(257, 'n')}), "BG_E_STRING_TOO_LONG");
  EXPECT_EQ(refused({.description = std::string(1025, 'd')}), "BG_E_STRING_TOO_LONG");
  EXPECT_EQ(refused({.command = core::CommandRegistration{"", "x", 0}}), "E_INVALIDARG");  // N112
  EXPECT_EQ(refused({.command = core::CommandRegistration{"/" + std::string(260, 'p'), "", 0}}),
            "BG_E_STRING_TOO_LONG");  // N113
  EXPECT_EQ(refused({.notify_class = core::ClassRegistration{"no name", "/x"}}), "E_INVALIDARG");
  // All or nothing.
  EXPECT_EQ(refused({.description = "kept", .priority = 9}), "E_NOTIMPL");
  EXPECT_EQ(s.row(a).description, "");
  EXPECT_EQ(s.row(a).notify_flags, 3U);  // N1
  EXPECT_EQ(s.row(a).priority, base::Priority::normal);
}

TEST(Clients, EnqueueIsAllOrNothing) {
  Story s;
  s.serve("x", 1000);
  const auto enqueue = [&](ports::command::Enqueue command) {
    const base::CallId id = s.world.submit("Enqueue", s.alice.caller(), std::move(command)).id;
    s.run(0s);
    const auto& reply = *s.world.clients.call(id).reply;
    return reply ? Code::S_OK : reply.error().code;
  };
  EXPECT_EQ(enqueue({.files = {{"http://host/x", "/d/x"}, {"ftp://host/y", "/d/y"}}}),
            Code::E_INVALIDARG);
  EXPECT_EQ(enqueue({.files = {{"http://host/x", "relative"}}}), Code::E_INVALIDARG);
  EXPECT_EQ(enqueue({.files = {{"http://host/x", "/nowhere/x"}}}), Code::PATH_NOT_FOUND);
  EXPECT_EQ(enqueue({.properties = {.priority = 7}}), Code::E_NOTIMPL);
  EXPECT_EQ(enqueue({.properties = {.name = std::string(257, 'n')}}), Code::E_INVALIDARG);
  EXPECT_EQ(enqueue({.start = true}), Code::BG_E_EMPTY);
  EXPECT_EQ(enqueue({.type = base::JobType::upload}), Code::E_NOTIMPL);
  EXPECT_EQ(s.world.store.rows().size(), 0U);
  EXPECT_EQ(enqueue({.files = {{"http://host/x", "/d/x"}}, .start = true}), Code::S_OK);
}

TEST(Clients, N9_N10_AFinalJobRefusesEveryChangeAndAnswersEveryRead) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(10s);
  s.complete(a);
  s.forget();
  s.set_object(a, s.alice);
  s.clear_object(a, s.alice);
  s.change(a, {.notify_flags = 1U});
  s.start(a);
  s.suspend(a);
  s.complete(a);
  s.cancel(a);
  EXPECT_EQ(s.told(), R"(
10 SetObject a: BG_E_INVALID_STATE
10 ClearObject a: BG_E_INVALID_STATE
10 Change a: BG_E_INVALID_STATE
10 Start a: BG_E_INVALID_STATE
10 Suspend a: BG_E_INVALID_STATE
10 Complete a: BG_E_INVALID_STATE
10 Cancel a: BG_E_INVALID_STATE
)");
  EXPECT_EQ(s.row(a).state, JobState::acknowledged);  // N128
  EXPECT_EQ(s.file(a, 0).state, core::FileState::completed);
  const ports::Progress progress = s.world.service().progress(s.row(a));
  EXPECT_EQ(progress.bytes_transferred, 1000U);
  EXPECT_EQ(progress.bytes_total, 1000U);
}

// Nobody is there to hear of its end, so the row of the job that completed itself stays.
TEST(Clients, N9_AJobThatEndedAndStillHasSomethingToTellRefusesEveryChange) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"}, {.auto_complete = true});
  s.set_class(a, "org.example.Nobody");
  s.run(10s);
  ASSERT_EQ(s.world.store.find(a)->job.state, JobState::acknowledged);
  namespace command = ports::command;
  const ports::CommandBody bodies[] = {
      command::AddFiles{a, Story::specs({"x"})}, command::Start{a}, command::Suspend{a},
      command::Complete{a}, command::Cancel{a}, command::TakeOwnership{a}, command::Change{a, {}},
      command::SetSecrets{a, {}}, command::RemoveCredentials{a},
      command::RemoveCertificate{a}, command::SetObject{a, {}},
      command::ClearObject{a}, command::SetCertificateCheck{a, std::nullopt},
      command::SetValidationState{a, 0, false}, command::SetRemoteName{a, 0, "http://host/y"},
      command::ReplaceRemotePrefix{a, "http://host/", "http://other/"},
      command::RequestRanges{a, 0, {{0, 1}}}, command::SetPosition{a, 0, 1}};
  static_assert(std::size(bodies) + 3 == std::variant_size_v<ports::CommandBody::Variant>,
                "Enqueue, LayDown and Administer have no job");
  const core::Job before = s.row(a);
  for (const ports::CommandBody& body : bodies) {
    const base::CallId call = s.world.submit("ask", s.root.caller(), body).id;
    s.run(0s);
    const auto& reply = *s.world.clients.call(call).reply;
    ASSERT_FALSE(reply) << body.index();
    EXPECT_EQ(reply.error().code, Code::BG_E_INVALID_STATE) << body.index();
  }
  EXPECT_EQ(s.row(a), before);
}

TEST(Clients, ATombstoneKeepsTheServiceBusyOnlyWhileItsClientLives) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.cancel(a);
  EXPECT_FALSE(s.world.service().idle());
  s.world.bus.kill(s.alice);
  s.run(1s);
  EXPECT_TRUE(s.world.service().idle());
}

TEST(Clients, AClientThatLeavesBeforeItsCallIsDoneKeepsNothingAlive) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.create("a", {"x"});
  s.world.submit("Cancel", s.bob.caller(), ports::command::Cancel{a});
  s.world.bus.kill(s.bob);
  s.run(1s);
  EXPECT_TRUE(s.world.service().idle());
}

TEST(Clients, AJobNobodyKnowsIsNotFound) {
  Story s;
  s.start(JobId{});
  EXPECT_EQ(s.reply_to_last(), "BG_E_NOT_FOUND");
}

TEST(Clients, AClientReadsItsOwnWritesAndOthersDoNotWait) {
  sim::Options slow;
  slow.commit = {1s, 1s};
  Story s({}, slow);
  s.serve("x", 1000);
  ports::command::Enqueue command;
  command.properties.name = "a";
  s.world.submit("Enqueue", s.alice.caller(), command);
  s.run(2s);
  const JobId a = s.world.store.rows().begin()->first;
  s.world.submit("Change", s.alice.caller(), ports::command::Change{a, {.description = "new"}});
  std::string alice_read = "nothing";
  std::string bob_read = "nothing";
  s.world.service().read(s.alice.peer, [&] { alice_read = s.row(a).description; });
  s.world.service().read(s.bob.peer, [&] { bob_read = s.row(a).description; });
  EXPECT_EQ(bob_read, "");
  EXPECT_EQ(alice_read, "nothing");
  s.run(2s);
  EXPECT_EQ(alice_read, "new");
}

TEST(Clients, LimitsHoldForUsersAndNotForRoot) {
  engine::Settings settings;
  settings.policy.limits.jobs_per_user.value = 2;
  settings.policy.limits.files_per_job.value = 2;
  Story s(settings);
  for (const char* name : {"x", "y", "z"}) s.serve(name, 10);
  const JobId a = s.create("a");
  s.create("b", {"x", "y", "z"});
  EXPECT_EQ(s.reply_to_last(), "BG_E_TOO_MANY_FILES_IN_JOB");
  s.create("b", {"x", "y"});
  s.create("c");
  EXPECT_EQ(s.reply_to_last(), "BG_E_TOO_MANY_JOBS_PER_USER");
  s.world.submit("root Enqueue", s.root.caller(), ports::command::Enqueue{});
  s.run(0s);
  EXPECT_EQ(s.world.store.rows().size(), 3U);
  s.add_files(a, {"x", "y"});
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  s.add_files(a, {"z"});
  EXPECT_EQ(s.reply_to_last(), "BG_E_TOO_MANY_FILES_IN_JOB");
}

// One application does not fill the queue of its user; others go on. Also where all comes in one turn.
TEST(Clients, EachApplicationHasAsManyJobsAsTheLimitSays) {
  Story s({.policy = {.limits = {.jobs_per_application = {.value = 2}, .exempt_applications = {"backup.service"}}}});
  const auto make = [&](Program& by, const char* program) {
    ports::Caller caller = by.caller();
    caller.program = program;
    return s.world.submit("make", caller, ports::command::Enqueue{}).id;
  };
  const std::vector calls{make(s.alice, "/bin/a"), make(s.alice, "/bin/a"), make(s.alice, "/bin/a"),
                          make(s.alice, "/bin/b"), make(s.bob, "/bin/a"), make(s.carol, "/bin/a")};
  s.run(0s);
  const auto reply = [&](base::CallId call) {
    return sim::to_text(*s.world.clients.call(call).reply, [](const JobId&) { return "a job"; });
  };
  std::vector<std::string> replies;
  for (const base::CallId call : calls) replies.push_back(reply(call));
  EXPECT_EQ(replies, (std::vector<std::string>{"a job", "a job", "BG_E_TOO_MANY_JOBS_PER_USER", "a job",
                                               "BG_E_TOO_MANY_JOBS_PER_USER", "a job"}))
      << "another process of the program counts as the first";
  for (int i = 0; i < 3; ++i) {
    const base::CallId exempt = make(s.alice, "backup.service");
    const base::CallId of_root = make(s.root, "/bin/a");
    s.run(0s);
    EXPECT_EQ(reply(exempt), "a job");
    EXPECT_EQ(reply(of_root), "a job");
  }
  // What ends counts no more.
  s.world.submit("cancel", s.alice.caller(),
                 ports::command::Cancel{std::get<JobId>(**s.world.clients.call(calls[0]).reply)});
  s.run(0s);
  const base::CallId again = make(s.alice, "/bin/a");
  const base::CallId more = make(s.alice, "/bin/a");
  s.run(0s);
  EXPECT_EQ(reply(again), "a job");
  EXPECT_EQ(reply(more), "BG_E_TOO_MANY_JOBS_PER_USER");
}

TEST(Clients, PagesListWhatTheCallerMaySee) {
  Story s;
  for (int i = 0; i < 5; ++i) s.create("job" + std::to_string(i));
  s.world.submit("carol Enqueue", s.carol.caller(),
                 ports::command::Enqueue{.properties = {.name = "hers"}});
  s.run(0s);
  const auto names = [&](const ports::JobFilter& filter, Program& by) {
    std::string text;
    std::string cursor;
    do {
      const auto page = s.world.service().page(filter, cursor, 2, by.caller());
      if (!page) return base::symbol(page.error().code);
      for (const core::Job* job : page->jobs) text += job->name + " ";
      cursor = page->next;
    } while (!cursor.empty());
    return text;
  };
  EXPECT_EQ(names({}, s.alice), "job0 job1 job2 job3 job4 ");
  EXPECT_EQ(names({.name_glob = "job[13]"}, s.alice), "job1 job3 ");
  EXPECT_EQ(names({}, s.carol), "hers ");
  EXPECT_EQ(names({.all_users = true}, s.alice), "E_ACCESSDENIED");
  EXPECT_EQ(names({.all_users = true}, s.root), "job0 job1 job2 job3 job4 hers ");
  EXPECT_EQ(names({.states = 1U << 6}, s.alice), "");
}

// --- jobs that have ended ------------------------------------------------------------------------

TEST(EndedJobs, TheLogTellsHowAlsoWhenTheServiceForgotTheJob) {
  Story s;
  s.serve("x", 1000);
  const JobId done = s.enqueue("done", {"x"}, {.auto_complete = true});
  const JobId given_up = s.create("given up");
  s.cancel(given_up);
  s.run(5s);
  s.crash();
  s.run(1s);
  EXPECT_FALSE(s.world.service().find(done, s.alice.caller())) << "no tombstone survives a crash";
  std::vector<std::pair<JobId, JobState>> ends;
  std::uint64_t last = 0;
  for (const core::EventRecord& event : s.world.service().events(0, 1000, s.alice.caller()).events) {
    if (event.kind != core::NotifyKind::none) continue;
    EXPECT_GT(event.sequence, last);
    last = event.sequence;
    ends.emplace_back(event.job, event.end);
  }
  EXPECT_EQ(ends, (std::vector{std::pair{given_up, JobState::cancelled},
                               std::pair{done, JobState::acknowledged}}));
}

TEST(EndedJobs, TheJobMadeLastIsTheLastOneAlsoWhenItHasEnded) {
  Story s;
  s.serve("x", 1000);
  const auto last = [&](Program& who) { return s.world.service().last_job(who.caller()); };
  EXPECT_EQ(last(s.alice).error().code, Code::BG_E_NOT_FOUND);
  const JobId old = s.create("old");
  const JobId a = s.enqueue("a", {"x"}, {.auto_complete = true});
  s.run(5s);
  EXPECT_FALSE(s.world.service().find(a, s.alice.caller()) &&
               !base::is_final(s.row(a).state)) << "it has ended";
  EXPECT_EQ(*last(s.alice), a);
  EXPECT_EQ(*last(s.bob), a) << "the same user";
  EXPECT_FALSE(last(s.carol));
  s.crash();
  s.run(1s);
  EXPECT_EQ(*last(s.alice), a) << "never the older one that is still there";
  const JobId b = s.create("b");
  EXPECT_EQ(*last(s.alice), b) << "orders go on over a restart";
  s.cancel(old);
  s.cancel(b);
  s.run(1s);
  s.crash();
  s.run(1s);
  EXPECT_EQ(*last(s.alice), b) << "not the one that ended last, the one made last";
}

TEST(Progress, TellsHowFastAJobIsWhileItRuns) {
  Story s;
  s.serve("x", 100'000);
  const JobId a = s.enqueue("a", {"x"});
  EXPECT_EQ(s.world.service().progress(s.row(a)).rate, 0U);
  s.run(20s);
  const std::uint64_t rate = s.world.service().progress(s.row(a)).rate;
  EXPECT_GT(rate, 500U);
  EXPECT_LT(rate, 1500U) << "the server sends 1,000 bytes a second";
  s.suspend(a);
  s.run(1s);
  EXPECT_EQ(s.world.service().progress(s.row(a)).rate, 0U);
}

// Also where all of them come in one turn.
TEST(Clients, EachUserHasAsManyJobsAsTheLimitSays) {
  Story s({.policy = {.limits = {.jobs_per_machine = {.value = 3}, .jobs_per_user = {.value = 2}}}});
  const auto make = [&](Program& by) {
    return s.world.submit("make", by.caller(), ports::command::Enqueue{}).id;
  };
  const auto reply = [&](base::CallId call) {
    return sim::to_text(*s.world.clients.call(call).reply, [](const JobId&) { return "a job"; });
  };
  const std::vector calls{make(s.alice), make(s.bob), make(s.alice), make(s.carol), make(s.carol)};
  s.run(0s);
  std::vector<std::string> replies;
  for (const base::CallId call : calls) replies.push_back(reply(call));
  EXPECT_EQ(replies, (std::vector<std::string>{"a job", "a job", "BG_E_TOO_MANY_JOBS_PER_USER",
                                               "a job", "BG_E_TOO_MANY_JOBS_PER_MACHINE"}));
  const JobId first = std::get<JobId>(**s.world.clients.call(calls[0]).reply);
  // What is given away, or ends, counts no more.
  s.world.submit("take", s.root.caller(), ports::command::TakeOwnership{first});
  s.world.submit("cancel", s.carol.caller(),
                 ports::command::Cancel{std::get<JobId>(**s.world.clients.call(calls[3]).reply)});
  s.run(0s);
  const base::CallId again = make(s.alice);
  s.run(0s);
  EXPECT_EQ(reply(again), "a job");
  EXPECT_EQ(s.world.service().page({}, "", 10, s.alice.caller())->jobs.size(), 2U);
  EXPECT_EQ(s.world.service().page({}, "", 10, s.root.caller())->jobs.size(), 1U);
}

TEST(Clients, ObjectsOfOneTurnCountTowardsTheirLimit) {
  Story s({.registrations_per_program = 2});
  const std::vector jobs{s.create("a"), s.create("b"), s.create("c")};
  std::vector<base::CallId> calls;
  for (const JobId& job : jobs) {
    core::ObjectRegistration object;
    object.bus_id = s.world.bus.id();
    object.unique_name = s.alice.unique_name;
    object.path = "/o";
    object.level = 1;
    calls.push_back(
        s.world.submit("set", s.alice.caller(), ports::command::SetObject{job, object}).id);
  }
  s.run(0s);
  EXPECT_TRUE(s.world.clients.call(calls[1]).accepted());
  EXPECT_FALSE(s.world.clients.call(calls[2]).accepted());
}

// Nobody would say again that it left.
TEST(Clients, AnObjectOfAClientThatLeavesInTheTurnOfItsCallIsNotKept) {
  Story s;
  const JobId a = s.create("a");
  core::ObjectRegistration object;
  object.bus_id = s.world.bus.id();
  object.unique_name = s.bob.unique_name;
  object.path = "/o";
  object.level = 1;
  s.world.submit("set", s.bob.caller(), ports::command::SetObject{a, object});
  s.world.service().post(ports::PeerGone{s.bob.peer, s.bob.unique_name});
  s.run(0s);
  EXPECT_FALSE(s.row(a).object);
}

}  // namespace
}  // namespace backhaul::stories
