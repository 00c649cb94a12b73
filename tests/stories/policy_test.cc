// SPDX-License-Identifier: Apache-2.0
// What is laid down (policies.md), while the service runs: limits and who is exempt from them, servers that jobs may
// fetch from, programs that they may run, and another word on each of them.
#include <utility>

#include "core/origins.h"
#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

core::Policy only_from(const char* list, const char* where = "/etc/x.conf:2") {
  core::RequestRules rules;
  rules.origins.rules[0] = {*core::parse_origins(list), where};
  core::Policy policy;
  policy.requests = std::make_shared<const core::RequestRules>(rules);
  return policy;
}

core::Policy with_limits(core::Limits limits) {
  core::Policy policy;
  policy.limits = std::move(limits);
  return policy;
}

class Policies : public NotifiedStory {
 public:
  explicit Policies(core::Policy policy = {}) : NotifiedStory(settings_of(std::move(policy))) {}

  void now(core::Policy policy) {
    world.service().post(ports::PolicyChanged{std::move(policy)});
    run(1s);
  }
  // Not started yet, so that the settings may change before anything is asked for.
  JobId make(std::vector<ports::FileSpec> files, JobChange properties = {}) {
    ports::command::Enqueue command;
    command.properties = std::move(properties);
    command.files = std::move(files);
    const base::CallId call = world.submit("Enqueue", alice.caller(), std::move(command)).id;
    run(0s);
    return std::get<JobId>(**world.clients.call(call).reply);
  }
  core::WaitingKind waits_for(const JobId& job) { return world.service().waiting(row(job)).kind; }
  std::string explained(const JobId& job) {
    std::string text;
    for (const core::Cause& cause : world.service().explain(row(job), ports::Caller{.uid = 1000}))
      if (cause.subject == core::Subject::policy) text += cause.sentence + " [" + cause.where + "]\n";
    return text;
  }

 private:
  static engine::Settings settings_of(core::Policy policy) {
    engine::Settings settings;
    settings.policy = std::move(policy);
    return settings;
  }
};

TEST(Policies, AnAddressOrAMirrorThatIsOffLimitsIsRefusedWhereItIsGiven) {
  Policies s(only_from("other"));
  s.serve("x", 1000);
  s.create("a", {"x"});
  EXPECT_EQ(s.reply_to_last(), "BG_E_BLOCKED_BY_POLICY");
  EXPECT_TRUE(s.world.store.rows().empty()) << "a refused job leaves nothing behind";
  const JobId b = s.create("b");
  s.add_files(b, {"x"});
  EXPECT_EQ(s.reply_to_last(), "BG_E_BLOCKED_BY_POLICY");
  const auto give = [&](const std::vector<ports::FileSpec>& files) {
    const base::CallId call = s.world.submit("AddFiles", s.alice.caller(), ports::command::AddFiles{b, files}).id;
    s.run(0s);
    return sim::to_text(*s.world.clients.call(call).reply, [](const JobId&) { return "a job"; });
  };
  auto mirrored = Story::specs({"x"});
  mirrored[0].mirrors = {mirrored[0].remote};
  mirrored[0].remote = "http://other/x";
  EXPECT_EQ(give(mirrored), "BG_E_BLOCKED_BY_POLICY");
  mirrored[0].mirrors.clear();
  EXPECT_EQ(give(mirrored), "S_OK");
  s.set_remote_name(b, 0, "http://host/x");
  EXPECT_EQ(s.reply_to_last(), "BG_E_BLOCKED_BY_POLICY");
  s.replace_remote_prefix(b, "http://other/", "http://host/");
  EXPECT_EQ(s.reply_to_last(), "BG_E_BLOCKED_BY_POLICY");
}

TEST(Policies, AJobThatRunsObeysAtOnceKeepsWhatItHasAndGoesOnWhenItMay) {
  Policies s;
  sim::RemoteFile& x = s.serve("x", 10'000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(4s);
  ASSERT_EQ(s.row(a).state, JobState::transferring);
  s.now(only_from("other.org"));
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error->code, base::Code::BG_E_BLOCKED_BY_POLICY);
  EXPECT_EQ(s.row(a).error_count, 0U);
  EXPECT_EQ(s.world.service().waiting(s.row(a)).kind, core::WaitingKind::policy);
  EXPECT_EQ(s.explained(a), "jobs may fetch from the servers of AllowedOrigins, and host is none of them [/etc/x.conf:2]\n");
  const std::uint64_t stored = s.row(a).files.bytes_stored;
  EXPECT_GT(stored, 0U);
  s.now(only_from("host"));
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(a).rare->bytes_resumed, stored);
  EXPECT_EQ(x.requests, 2U);
}

// One file from a server that stays allowed, one from a server that does not; in either order.
struct TwoServers : Policies {
  sim::RemoteFile& good = world.origin.serve("http://good/x", 3000);
  sim::RemoteFile& bad = world.origin.serve("http://bad/y", 3000);
  JobId a;

  explicit TwoServers(bool good_first) {
    std::vector<ports::FileSpec> files = {{"http://good/x", "/d/x"}, {"http://bad/y", "/d/y"}};
    if (!good_first) std::swap(files[0], files[1]);
    a = make(std::move(files));
  }
  // The file that may be fetched is here, the other one waits, and nobody tries it again and again.
  void expect_the_good_one_alone() {
    run(20s);
    EXPECT_EQ(row(a).files.transferred, 1U);
    EXPECT_EQ(row(a).state, JobState::transient_error);
    EXPECT_EQ(row(a).error->code, Code::BG_E_BLOCKED_BY_POLICY);
    EXPECT_EQ(row(a).error_count, 0U);
    EXPECT_EQ(waits_for(a), core::WaitingKind::policy);
    EXPECT_EQ(explained(a), "jobs may fetch from the servers of AllowedOrigins, and bad is none of them [/etc/x.conf:2]\n");
    const core::Job before = row(a);
    run(3600s);
    EXPECT_TRUE(row(a) == before);
  }
  void expect_both_when_it_may() {
    now(only_from("good bad"));
    run(20s);
    EXPECT_EQ(row(a).state, JobState::transferred);
  }
};

TEST(Policies, NoFileOfAJobIsFetchedFromAServerThatIsOffLimits) {
  for (const bool good_first : {true, false}) {
    SCOPED_TRACE(good_first);
    TwoServers s(good_first);
    s.now(only_from("good"));
    s.start(s.a);
    s.expect_the_good_one_alone();
    EXPECT_EQ(s.good.requests, 1U);
    EXPECT_EQ(s.bad.requests, 0U);
    s.expect_both_when_it_may();
  }
}

TEST(Policies, TheOtherFilesOfAJobThatRunsGoOn) {
  for (const bool good_first : {true, false}) {
    SCOPED_TRACE(good_first);
    TwoServers s(good_first);
    s.start(s.a);
    s.run(2s);
    const std::uint32_t asked = s.bad.requests;
    s.now(only_from("good"));
    s.expect_the_good_one_alone();
    EXPECT_EQ(s.bad.requests, asked);
    s.expect_both_when_it_may();
  }
}

TEST(Policies, AfterARestartItIsTheSame) {
  for (const bool good_first : {true, false}) {
    SCOPED_TRACE(good_first);
    TwoServers s(good_first);
    s.world.settings.policy = only_from("good");
    s.start(s.a);
    s.crash();
    const std::uint32_t asked = s.bad.requests;
    s.expect_the_good_one_alone();
    EXPECT_EQ(s.bad.requests, asked);
    s.expect_both_when_it_may();
  }
}

TEST(Policies, OnDemandWhatIsOffLimitsWaitsAlthoughAnotherFileWouldBeAllowed) {
  Policies s;
  s.serve("x", 3000);
  sim::RemoteFile& bad = s.world.origin.serve("http://bad/y", 3000);
  JobChange on_demand;
  on_demand.on_demand_mode = true;
  const JobId a = s.make({{"http://host/x", "/d/x"}, {"http://bad/y", "/d/y"}}, on_demand);
  s.world.submit("RequestRanges", s.alice.caller(), ports::command::RequestRanges{a, 1, {{0, 500}}});
  s.now(only_from("host"));
  s.start(a);
  s.run(20s);
  EXPECT_EQ(s.waits_for(a), core::WaitingKind::policy);
  EXPECT_EQ(bad.requests, 0U);
  s.now({});
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::suspended) << "what was asked for is here";
  EXPECT_EQ(bad.requests, 1U);
}

TEST(Policies, AnotherAddressEndsTheWaitAndOneThatIsRefusedAsWellDoesNot) {
  TwoServers s(false);
  s.now(only_from("good"));
  s.start(s.a);
  s.expect_the_good_one_alone();
  s.set_remote_name(s.a, 0, "http://bad/z");
  EXPECT_EQ(s.reply_to_last(), "BG_E_BLOCKED_BY_POLICY");
  EXPECT_EQ(s.row(s.a).state, JobState::transient_error);
  s.set_remote_name(s.a, 0, "http://good/x");
  s.run(20s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.bad.requests, 0U);
}

// /d/x from http://good/x, or from a mirror.
struct OneMirror : Policies {
  sim::RemoteFile& good = world.origin.serve("http://good/x", 1000);
  sim::RemoteFile& bad = world.origin.mirror("http://bad/x", "http://good/x");

  JobId make() { return Policies::make({{.remote = "http://good/x", .local = "/d/x", .mirrors = {"http://bad/x"}}}); }
};

TEST(Policies, AMirrorThatIsOffLimitsDoesNotStandInForAServerThatWantsTime) {
  OneMirror s;
  s.good.fault({FaultKind::status, 503, 500s});
  const JobId a = s.make();
  const JobId b = s.make();
  s.now(only_from("good"));
  s.start(a);
  s.start(b);  // a Start behind the answer would go past what the server wants
  s.run(10s);
  EXPECT_EQ(s.waits_for(a), core::WaitingKind::server);
  EXPECT_EQ(s.waits_for(b), core::WaitingKind::server);
  EXPECT_EQ(s.good.requests, 1U);
  s.run(700s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(b).state, JobState::transferred);
  EXPECT_EQ(s.bad.requests, 0U);
}

TEST(Policies, AfterAFailureAMirrorThatIsOffLimitsIsNotTheNext) {
  OneMirror s;
  s.good.fault({FaultKind::status, 503, {}});
  const JobId a = s.make();
  s.now(only_from("good"));
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).error_count, 1U) << "no other address was left to ask";
  EXPECT_EQ(s.waits_for(a), core::WaitingKind::retry);
  s.run(700s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.bad.requests, 0U);
}

TEST(Policies, AMirrorBehindOneThatIsOffLimitsServes) {
  for (const char* list : {"good last", "last"}) {
    SCOPED_TRACE(list);
    OneMirror s;
    s.good.always = sim::Fault{FaultKind::status, 404, {}};
    s.world.origin.mirror("http://last/x", "http://good/x");
    const JobId a = s.Policies::make(
        {{.remote = "http://good/x", .local = "/d/x", .mirrors = {"http://bad/x", "http://last/x"}}});
    s.now(only_from(list));
    s.start(a);
    s.run(10s);
    EXPECT_EQ(s.row(a).state, JobState::transferred);
    EXPECT_EQ(s.row(a).error_count, 0U) << "the job was not told";
    EXPECT_EQ(s.good.requests, list == std::string("last") ? 0U : 1U);
    EXPECT_EQ(s.bad.requests, 0U);
  }
}

TEST(Policies, AMirrorThatIsOffLimitsWhileItSendsIsLeftForOneThatIsNotAndWhatCameIsKept) {
  Policies s;
  s.world.origin.serve("http://good/small", 500);  // behind a small file the next ones are fetched ahead
  s.world.origin.serve("http://good/x", 8'000).fault({FaultKind::status, 404, {}});
  s.world.origin.serve("http://good/y", 8'000);
  sim::RemoteFile& x = s.world.origin.mirror("http://bad/x", "http://good/x");
  sim::RemoteFile& y = s.world.origin.mirror("http://bad/y", "http://good/y");
  const JobId a = s.make({{"http://good/small", "/d/small"},
                          {.remote = "http://good/x", .local = "/d/x", .mirrors = {"http://bad/x"}},
                          {.remote = "http://bad/y", .local = "/d/y", .mirrors = {"http://good/y"}}});
  s.start(a);
  s.run(7s);
  ASSERT_EQ(s.row(a).state, JobState::transferring);
  ASSERT_EQ(x.requests, 1U);
  ASSERT_EQ(y.requests, 1U);
  const std::uint64_t stored = s.file(a, 1).stored.total();
  ASSERT_GT(stored, 0U);
  s.now(only_from("good"));
  s.run(60s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(a).error_count, 0U);
  EXPECT_EQ(x.requests, 1U) << "nobody asks there any more";
  EXPECT_EQ(y.requests, 1U);
  EXPECT_EQ(s.file(a, 1).epoch, 0U) << "it is the part from before";
  EXPECT_GE(s.row(a).rare->bytes_resumed, stored);
}

TEST(Policies, WhatIsAskedForButOnceIsNotAskedForAgainBecauseTheRulesAreOthers) {
  for (const bool off_limits : {false, true}) {
    SCOPED_TRACE(off_limits);
    Policies s;
    sim::RemoteFile& x = s.serve("x", 5'000);
    const JobId a = s.enqueue("a", {"x"}, {.http_method = "POST"});
    s.run(3s);
    ASSERT_EQ(s.row(a).state, JobState::transferring);
    core::RequestRules rules;
    rules.user_agent = {"updates/2", "/etc/x.conf:3"};
    if (off_limits) rules.origins.rules[0] = {*core::parse_origins("host"), "/etc/x.conf:2"};
    core::Policy policy;
    policy.requests = std::make_shared<const core::RequestRules>(rules);
    s.now(policy);
    s.run(60s);
    // By the rules from before a redirect may still lead it to a server that is off limits now.
    EXPECT_EQ(s.row(a).state, off_limits ? JobState::error : JobState::transferred);
    EXPECT_EQ(x.requests, 1U);
  }
}

TEST(Policies, TheSameWordAgainInterruptsNobody) {
  Policies s(only_from("host"));
  sim::RemoteFile& x = s.serve("x", 10'000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(4s);
  s.now(only_from("host"));
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(x.requests, 1U);
}

TEST(Policies, ALimitThatIsLoweredRefusesWhatComesAndLeavesWhatIsThere) {
  Policies s;
  s.create("a");
  s.create("b");
  s.now(with_limits({.jobs_per_user = {1, "/etc/x.conf:3"}}));
  s.create("c");
  EXPECT_EQ(s.reply_to_last(), "BG_E_TOO_MANY_JOBS_PER_USER");
  EXPECT_EQ(s.world.store.rows().size(), 2U);
  s.now(with_limits({.jobs_per_user = {3, "/etc/x.conf:3"}}));
  s.create("c");
  EXPECT_EQ(s.world.store.rows().size(), 3U);
}

class Octets : public Policies {
 public:
  explicit Octets(std::uint64_t most)
      : Policies(with_limits({.octets_per_user = {most, "/etc/x.conf:3"}, .exempt_users = {1001}})) {}

  std::string tell(Program& by, ports::CommandBody body) {
    last_ = world.submit("tell", by.caller(), std::move(body)).id;
    run(0s);
    return reply_to(last_);
  }
  std::string reply_to(base::CallId call) {
    return sim::to_text(*world.clients.call(call).reply, [](const JobId&) { return "a job"; });
  }
  JobId made() { return std::get<JobId>(**world.clients.call(last_).reply); }
  // About 100 kB each.
  static ports::FileSpec long_one(const std::string& name) {
    ports::FileSpec file{"http://host/" + name, "/d/" + name};
    file.mirrors = {"http://host/" + std::string(50'000, 'm'), "http://host/" + std::string(50'000, 'n')};
    return file;
  }
  static ports::command::Enqueue with(const std::vector<std::string>& names) {
    ports::command::Enqueue command;
    for (const std::string& name : names) command.files.push_back(long_one(name));
    return command;
  }

 private:
  base::CallId last_{};
};

TEST(Octets, ARefusalSaysHowManyAndByWhichLine) {
  Octets s(250'000);
  EXPECT_EQ(s.tell(s.alice, Octets::with({"a", "b"})), "a job");
  const base::CallId call = s.world.submit("tell", s.alice.caller(), Octets::with({"c"})).id;
  s.run(0s);
  const base::Error& error = s.world.clients.call(call).reply->error();
  EXPECT_EQ(error.code, Code::E_OUTOFMEMORY);
  EXPECT_NE(error.text.find("244.1K"), std::string::npos) << error.text;
  EXPECT_NE(error.text.find("(MaxMiBPerUser, /etc/x.conf:3)"), std::string::npos) << error.text;
}

TEST(Octets, OfAllJobsOfAUserAreLimitedAndAreHisAgainWhenTheyEnd) {
  Octets s(250'000);
  EXPECT_EQ(s.tell(s.alice, Octets::with({"a", "b"})), "a job");
  const JobId job = s.made();
  EXPECT_EQ(s.tell(s.alice, Octets::with({"c"})), "E_OUTOFMEMORY");
  EXPECT_EQ(s.tell(s.alice, ports::command::AddFiles{job, {Octets::long_one("c")}}), "E_OUTOFMEMORY");
  EXPECT_EQ(s.row(job).files.total, 2U) << "all or nothing";
  EXPECT_EQ(s.tell(s.alice, ports::command::Change{job, {.name = "short"}}), "S_OK") << "little fits";
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(s.tell(s.root, Octets::with({"a", "b"})), "a job");
    EXPECT_EQ(s.tell(s.carol, Octets::with({"a", "b"})), "a job") << "exempt";
  }
  s.world.submit("cancel", s.alice.caller(), ports::command::Cancel{job});
  s.run(1s);
  EXPECT_EQ(s.tell(s.alice, Octets::with({"c", "d"})), "a job");
}

TEST(Octets, OfCommandsOfOneTurnAreSummed) {
  Octets s(250'000);
  std::vector<base::CallId> calls;
  for (const char* name : {"a", "b", "c"})
    calls.push_back(s.world.submit("make", s.alice.caller(), Octets::with({name})).id);
  s.run(0s);
  EXPECT_EQ(s.reply_to(calls[0]), "a job");
  EXPECT_EQ(s.reply_to(calls[1]), "a job");
  EXPECT_EQ(s.reply_to(calls[2]), "E_OUTOFMEMORY");
}

TEST(Octets, AreCountedAgainWhenTheServiceBeginsAnew) {
  Octets s(250'000);
  EXPECT_EQ(s.tell(s.alice, Octets::with({"a", "b"})), "a job");
  s.crash();
  s.run(1s);
  EXPECT_EQ(s.tell(s.alice, Octets::with({"c"})), "E_OUTOFMEMORY");
}

// Short ones do not become long ones behind the limit, nor do they hide on the shelf.
TEST(Octets, AreJudgedWhereverRowsBecomeLonger) {
  Octets s(250'000);
  ports::command::Enqueue command;
  for (const char* name : {"a", "b", "c", "d", "e"})
    command.files.push_back({std::string("http://host/") + name, std::string("/d/") + name});
  EXPECT_EQ(s.tell(s.alice, command), "a job");
  const JobId job = s.made();
  const std::string longer = "http://host/" + std::string(60'000, 'x') + "/";
  EXPECT_EQ(s.tell(s.alice, ports::command::ReplaceRemotePrefix{job, "http://host/", longer}), "E_OUTOFMEMORY");
  for (const std::uint32_t file : {0U, 1U, 2U})
    EXPECT_EQ(s.tell(s.alice, ports::command::SetRemoteName{job, file, longer}), "S_OK");
  EXPECT_EQ(s.tell(s.alice, ports::command::SetRemoteName{job, 3, longer}), "S_OK");
  EXPECT_EQ(s.tell(s.alice, ports::command::SetRemoteName{job, 4, longer}), "E_OUTOFMEMORY");
  s.world.submit("cancel", s.alice.caller(), ports::command::Cancel{job});
  s.run(1s);
  ports::command::Enqueue hidden;
  for (const char user : {'p', 'q', 'r', 's'})
    hidden.files.push_back({"http://" + std::string(60'000, user) + "@host/x", std::string("/d/") + user});
  EXPECT_EQ(s.tell(s.alice, hidden), "a job");
  EXPECT_EQ(s.tell(s.alice, hidden), "E_OUTOFMEMORY") << "what is sealed counts";
}

// Who cancels gets it all back: what is kept of jobs that ended is the last ones, within 8 MiB.
TEST(Octets, OfJobsThatEndedAreBounded) {
  Octets s(std::uint64_t{256} << 20);
  ports::command::Enqueue command;  // 3 MB
  for (const char* name : {"a", "b"}) {
    ports::FileSpec file{std::string("http://host/") + name, std::string("/d/") + name};
    for (char letter = 'a'; letter < 'z'; ++letter) file.mirrors.push_back("http://host/" + std::string(60'000, letter));
    command.files.push_back(std::move(file));
  }
  std::vector<JobId> jobs;
  const auto is_known = [&](const JobId& job) { return !!s.world.service().find(job, s.alice.caller()); };
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(s.tell(s.alice, command), "a job");
    jobs.push_back(s.made());
    s.world.submit("cancel", s.alice.caller(), ports::command::Cancel{jobs.back()});
    s.run(1s);
  }
  EXPECT_FALSE(is_known(jobs[0]));
  EXPECT_FALSE(is_known(jobs[1]));
  EXPECT_TRUE(is_known(jobs[2]));
  EXPECT_TRUE(is_known(jobs[3]));
}

// policies.md §1: who is exempt is not counted either.
TEST(Policies, RootAndExemptUsersAreNeitherBoundNorCounted) {
  Policies s(with_limits({.jobs_per_machine = {.value = 1}, .files_per_job = {.value = 1}, .exempt_users = {1001}}));
  const auto make = [&](Program& by) {
    const base::CallId call = s.world.submit("make", by.caller(), ports::command::Enqueue{}).id;
    s.run(0s);
    return sim::to_text(*s.world.clients.call(call).reply, [](const JobId&) { return "a job"; });
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(make(s.root), "a job");
    EXPECT_EQ(make(s.carol), "a job");
  }
  EXPECT_EQ(make(s.alice), "a job") << "the others do not count";
  EXPECT_EQ(make(s.alice), "BG_E_TOO_MANY_JOBS_PER_MACHINE");
  EXPECT_TRUE(s.world.service().policy({.uid = 1001}).exempt);
  EXPECT_FALSE(s.world.service().policy({.uid = 1000}).exempt);
}

TEST(Policies, ACommandThatIsNoLongerForbiddenRunsForWhatWaited) {
  core::Policy policy;
  policy.commands.listed[0] = {{"/bin/other"}, "/etc/x.conf:4"};
  Policies s(policy);
  s.serve("x", 1000);
  s.enqueue("a", {"x"}, NotifiedStory::with_command());
  s.run(100s);
  EXPECT_EQ(s.heard(), "\n");
  policy.commands.listed[0].value.emplace_back("/bin/p");
  s.now(policy);
  EXPECT_NE(s.heard().find(" program /bin/p for a: exit code 0\n"), std::string::npos) << s.heard();
}

TEST(Policies, WhatIsLaidDownByACallThatFailsIsNeitherInForceNorSaidNorFollowed) {
  Policies s;
  s.world.log.show(base::LogLevel::warning);
  auto policy = std::make_shared<core::Policy>();
  policy->bandwidth[0].limit = 80;
  policy->list = std::make_shared<core::PolicyList>(core::PolicyList{{.section = "Jobs", .key = "K", .value = "1"}});
  const ports::command::LayDown read{policy, {"/etc/x.conf:1: unknown setting [Jobs] X"}};
  const auto lay_down = [&] {
    const base::CallId call = s.world.submit("LayDown", s.alice.caller(), ports::command::LayDown(read)).id;
    s.run(0s);
    return s.world.clients.call(call).reply->has_value();
  };
  // Whatever else happens in its turn is lost with it.
  s.world.store.broken = Code::DISK_FULL;
  s.world.submit("make", s.alice.caller(), ports::command::Enqueue{});
  EXPECT_FALSE(lay_down());
  EXPECT_TRUE(s.world.service().policy({.uid = 1000}).list->empty());
  EXPECT_EQ(s.told_of("unknown setting"), "\n");
  EXPECT_EQ(s.world.machine.follows_local_time(), std::nullopt);
  s.world.store.broken.reset();
  s.run(6s);
  EXPECT_TRUE(lay_down());
  EXPECT_EQ(*s.world.service().policy({.uid = 1000}).list, *policy->list);
  EXPECT_NE(s.told_of("unknown setting"), "\n");
  EXPECT_EQ(s.world.machine.follows_local_time(), true);
}

TEST(Policies, WhoMayLaysDownByACallAndSeesItInTheNextOne) {
  Policies s;
  auto policy = std::make_shared<core::Policy>();
  policy->list = std::make_shared<core::PolicyList>(core::PolicyList{{.section = "Jobs", .key = "K", .value = "1"}});
  const base::CallId call = s.world.submit("LayDown", s.alice.caller(), ports::command::LayDown{policy}).id;
  s.run(0s);
  EXPECT_TRUE(s.world.clients.call(call).reply->has_value());
  EXPECT_EQ(*s.world.service().policy({.uid = 1000}).list, *policy->list);
}

}  // namespace
}  // namespace backhaul::stories
