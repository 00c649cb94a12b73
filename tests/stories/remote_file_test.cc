// SPDX-License-Identifier: Apache-2.0
// Servers that lie, refuse or differ: what is held is never given up for an answer that does not prove
// another version (docs/architecture.md, "The remote file").
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

constexpr JobChange soon() { return {.minimum_retry_delay = 5}; }

// Cut after 3,000 of 5,000 bytes; what comes then is the story.
struct Held : Story {
  sim::RemoteFile& x = serve("x", 5000).fault({FaultKind::cut, 3000});
  JobId a{};
  void begin(JobChange properties = soon()) {
    a = enqueue("a", {"x"}, std::move(properties));
    run(4s);
    ASSERT_EQ(row(a).state, JobState::transient_error);
    ASSERT_EQ(file(a, 0).stored.prefix(), 3000U);
  }
  // The server refuses the rest with this status: the whole comes into a part of its own.
  void refuse_ranges(std::uint64_t status) {
    begin();
    x.always = sim::Fault{FaultKind::refuses, status};
    run(10s);
  }
};

TEST(LyingServer, APageInTheWayChangesNothingAndTheRestComesLater) {
  Held s;
  s.begin();
  for (int i = 0; i < 3; ++i) s.x.fault({FaultKind::bare});
  s.run(20s);
  ASSERT_EQ(s.file(s.a, 0).stored.prefix(), 3000U);
  ASSERT_TRUE(s.file(s.a, 0).rare->doubts);
  EXPECT_EQ(s.file(s.a, 0).rare->doubts->unproven, 3U);
  EXPECT_EQ(s.row(s.a).error->code, Code::WINHTTP_INVALID_SERVER_RESPONSE);
  s.run(10s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.file(s.a, 0).epoch, 0U);
  EXPECT_FALSE(s.file(s.a, 0).rare->doubts);
}

TEST(LyingServer, AnAnswerWithoutValidatorEndsTheJobOnlyAfterTenTriesAndAnHour) {
  Held s;
  s.begin({.minimum_retry_delay = 600});
  s.x.always = sim::Fault{FaultKind::bare};
  s.run(5500s);  // nine answers
  ASSERT_TRUE(s.file(s.a, 0).rare->doubts);
  EXPECT_EQ(s.file(s.a, 0).rare->doubts->unproven, 9U);
  EXPECT_EQ(s.row(s.a).state, JobState::transient_error);
  s.run(600s);
  EXPECT_EQ(s.row(s.a).state, JobState::error);
  EXPECT_EQ(s.row(s.a).error->code, Code::BG_E_INVALID_SERVER_RESPONSE);
  EXPECT_NE(s.row(s.a).error->text.find("780 bytes"), std::string::npos);
  EXPECT_EQ(s.file(s.a, 0).stored.prefix(), 3000U);
  s.x.always.reset();
  s.start(s.a);
  s.run(10s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
}

TEST(LyingServer, TenQuickAnswersWithoutValidatorAreNoHourAndACrashCountsOn) {
  Held s;
  s.begin();
  s.x.always = sim::Fault{FaultKind::bare};
  for (int i = 0; i < 30; ++i) {
    s.run(60s);
    s.crash();
  }
  EXPECT_EQ(base::is_action(s.row(s.a).state), true);
  ASSERT_TRUE(s.file(s.a, 0).rare->doubts);
  EXPECT_GT(s.file(s.a, 0).rare->doubts->unproven, 100U);
  s.run(1900s);
  EXPECT_EQ(s.row(s.a).state, JobState::error);
}

TEST(LyingServer, TheHourIsOneOfTheServiceAlsoWhereEveryAnswerComesInAnotherBoot) {
  Held s;
  s.begin({.minimum_retry_delay = 600});
  s.x.always = sim::Fault{FaultKind::bare};
  for (int i = 0; i < 12 && s.row(s.a).state == JobState::transient_error; ++i) {
    s.lose_power();
    s.run(610s);
  }
  EXPECT_EQ(s.row(s.a).state, JobState::error);
}

TEST(LyingServer, TheThirdContradictionInARowEndsTheJobAndNamesBothLengths) {
  Held s;
  s.begin();
  s.x.always = sim::Fault{FaultKind::denies};
  s.run(10s);
  EXPECT_EQ(s.row(s.a).state, JobState::transient_error);
  s.crash();  // they are counted in the row
  s.run(12s);
  EXPECT_EQ(s.row(s.a).state, JobState::error);
  EXPECT_EQ(s.row(s.a).error->code, Code::BG_E_INVALID_SERVER_RESPONSE);
  EXPECT_NE(s.row(s.a).error->text.find("5001 bytes where 5000 bytes"), std::string::npos)
      << s.row(s.a).error->text;
  EXPECT_EQ(s.file(s.a, 0).stored.prefix(), 3000U);
  s.start(s.a);  // another chance, as many answers as before
  s.run(8s);
  EXPECT_EQ(s.row(s.a).state, JobState::transient_error);
}

TEST(LyingServer, TheOwnerMayBeginAnew) {
  Held s;
  s.begin();
  s.x.always = sim::Fault{FaultKind::denies};
  s.run(30s);
  ASSERT_EQ(s.row(s.a).state, JobState::error);
  s.start_anew(s.a);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
  EXPECT_EQ(s.file(s.a, 0).stored.prefix(), 0U);
  s.run(10s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.files_on_disk(), 1U);
}

TEST(LyingServer, BeginningAnewInMidTransferStopsItFirst) {
  Story s;
  s.serve("x", 9000);
  s.serve("y", 1000);
  const JobId a = s.enqueue("a", {"y", "x"});
  s.run(6s);
  ASSERT_GT(s.file(a, 1).stored.prefix(), 0U);
  const std::uint32_t requests = s.world.origin.find("http://host/x")->requests;
  s.start_anew(a);
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.world.origin.find("http://host/x")->requests, requests + 1);
  EXPECT_EQ(s.world.origin.find("http://host/y")->requests, 1U) << "what was transferred stays";
  EXPECT_EQ(s.files_on_disk(), 2U);
}

TEST(RefusedRange, BothPartsStandInTheRowUntilTheNewOneIsWhole) {
  Held s;
  s.refuse_ranges(403);
  ASSERT_EQ(s.row(s.a).state, JobState::transferring);
  const core::File half = s.file(s.a, 0);
  EXPECT_EQ(half.epoch, 0U);
  EXPECT_EQ(half.stored.prefix(), 3000U);
  EXPECT_TRUE(half.ranges_refused);
  ASSERT_TRUE(half.rare->fresh);
  EXPECT_EQ(half.rare->fresh->epoch, 1U);
  EXPECT_GT(half.rare->fresh->offset, 0U);
  EXPECT_EQ(s.files_on_disk(), 2U);
  s.run(20s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.file(s.a, 0).epoch, 1U);
  EXPECT_FALSE(s.file(s.a, 0).rare->fresh);
  EXPECT_EQ(s.files_on_disk(), 1U);
}

TEST(RefusedRange, APowerFailureKeepsBothAndDoesNotAskForARangeAgain) {
  Held s;
  s.refuse_ranges(501);
  ASSERT_TRUE(s.file(s.a, 0).rare->fresh);
  const std::uint32_t requests = s.x.requests;
  s.lose_power();
  s.run(500ms);
  EXPECT_EQ(s.files_on_disk(), 2U);
  EXPECT_EQ(s.file(s.a, 0).stored.prefix(), 3000U);
  s.run(20s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.x.requests, requests + 1);
  s.complete(s.a);
  s.run(1s);
  EXPECT_EQ(s.files_on_disk(), 1U);
}

TEST(RefusedRange, CancelRemovesBoth) {
  Held s;
  s.refuse_ranges(405);
  ASSERT_EQ(s.files_on_disk(), 2U);
  s.cancel(s.a);
  s.run(1s);
  EXPECT_EQ(s.files_on_disk(), 0U);
}

// Three restarts that get no further end a file of a server that cannot go on in it. What its owner stops, and what a
// crash ends, is no failure of that server.
TEST(RefusedRange, OnlyRunsThatFailCountAgainstTheServer) {
  const auto half_of_it = [](Story& s) -> JobId {
    s.serve("x", 5000).does_ranges = false;
    const JobId a = s.enqueue("a", {"x"}, soon());
    s.run(4s);
    EXPECT_EQ(s.row(a).state, JobState::transferring);
    return a;
  };
  Story stopped;
  const JobId a = half_of_it(stopped);
  Story crashed;
  const JobId b = half_of_it(crashed);
  for (int i = 0; i < 8; ++i) {
    stopped.suspend(a);
    stopped.run(1s);
    stopped.start(a);
    stopped.run(2s);
    crashed.crash();
    crashed.run(2s);
  }
  for (auto [story, job] : {std::pair(&stopped, a), std::pair(&crashed, b)}) {
    story->run(20s);
    EXPECT_EQ(story->row(job).state, JobState::transferred);
  }

  Story failing;
  sim::RemoteFile& x = failing.serve("x", 5000);
  x.does_ranges = false;
  x.always = sim::Fault{FaultKind::cut, 2000};
  const JobId c = failing.enqueue("c", {"x"}, soon());
  failing.run(120s);
  EXPECT_EQ(failing.row(c).state, JobState::error);
  EXPECT_EQ(failing.row(c).error->code, Code::BG_E_INSUFFICIENT_RANGE_SUPPORT);
}

// A server that gives the rest again after all: the held part is whole before the one beside it.
TEST(RefusedRange, WhatTheRestMakesWholeLeavesNoPartBesideIt) {
  Held s;
  s.refuse_ranges(403);
  ASSERT_EQ(s.files_on_disk(), 2U);
  s.x.always = sim::Fault{FaultKind::status, 404};
  s.world.set_network(false);
  s.run(1s);
  s.world.set_network(true);
  s.run(10s);
  ASSERT_EQ(s.row(s.a).state, JobState::error);
  ASSERT_TRUE(s.file(s.a, 0).rare->fresh);
  const std::uint32_t newest = s.file(s.a, 0).last_epoch();
  s.x.always.reset();
  s.start(s.a);
  s.run(10s);
  ASSERT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.file(s.a, 0).epoch, 0U) << "nothing was fetched again";
  EXPECT_EQ(s.files_on_disk(), 1U);
  EXPECT_EQ(s.file(s.a, 0).last_epoch(), newest) << "it may come back with a power failure";

  s.world.disk.unlink(s.world.disk.names().begin()->first);
  s.complete(s.a);
  s.run(1s);
  ASSERT_EQ(s.row(s.a).state, JobState::error);
  EXPECT_EQ(s.file(s.a, 0).epoch, newest + 1) << "no epoch is used twice";
  s.start(s.a);
  s.run(10s);
  s.complete(s.a);
  s.run(1s);
  EXPECT_TRUE(s.has_file("x"));
  EXPECT_EQ(s.files_on_disk(), 1U);
}

TEST(Ladder, FiveBreaksOnAServerThatIgnoresConditionsLoseOneRoundAndNoByte) {
  Story s;
  sim::RemoteFile& x = s.serve("x", 9000);
  x.heeds_conditions = false;
  x.always = sim::Fault{FaultKind::cut, 1500};
  const JobId a = s.enqueue("a", {"x"}, soon());
  s.run(120s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_GE(s.row(a).error_count, 5U);
  EXPECT_EQ(s.file(a, 0).epoch, 0U);
  EXPECT_EQ(x.requests, s.row(a).error_count + 2) << "one to begin, one lost";
}

// A log, or the image of a machine that runs: each try finds more of it than the one before.
TEST(Ladder, AFileThatIsAlwaysWrittenToIsGivenUp) {
  for (const std::uint64_t kept : {3000U, 1U}) {
    Story s;
    sim::RemoteFile& x = s.serve("x", 5000);
    x.always = sim::Fault{FaultKind::written, kept};
    const JobId a = s.enqueue("a", {"x"}, soon());
    for (std::uint64_t size = 6000; size < 12'000 && s.row(a).state != JobState::error; size += 1000) {
      s.run(6s);
      s.world.origin.change("http://host/x", size);
    }
    EXPECT_EQ(s.row(a).state, JobState::error);
    ASSERT_TRUE(s.row(a).error);
    EXPECT_EQ(s.row(a).error->code, Code::BG_E_REMOTE_FILE_CHANGED);
    EXPECT_EQ(x.requests, 3U);
    x.always.reset();
    s.start(a);
    s.run(30s);
    EXPECT_EQ(s.row(a).state, JobState::transferred) << "its owner may try again";
  }
}

TEST(Ladder, ASuccessThatIsNoFileIsAnErrorAtOnce) {
  for (const unsigned status : {203U, 204U, 205U}) {
    Story s;
    s.serve("x", 1000).fault({FaultKind::status, status});
    const JobId a = s.enqueue("a", {"x"});
    s.run(5s);
    EXPECT_EQ(s.row(a).state, JobState::error) << status;
    EXPECT_EQ(s.row(a).error->code, base::http_code(status));
  }
}

// --- Retry-After ---------------------------------------------------------------------------------

// x is answered "come back in `wait`"; y is on the same server, z on another.
struct Throttled : Story {
  sim::RemoteFile& x;
  JobId a{};
  explicit Throttled(base::Microseconds wait, unsigned status = 429)
      : x(serve("x", 1000).fault({FaultKind::status, status, wait})) {
    serve("y", 1000);
  }
  void begin(JobChange properties = soon()) {
    a = enqueue("a", {"x"}, std::move(properties));
    run(2s);
  }
};

TEST(RetryAfter, IsHeededByEveryJobOfThatServerAndSaid) {
  for (const unsigned status : {408U, 425U, 429U, 503U}) {
    Throttled s(100s, status);
    s.begin();
    const JobId b = s.enqueue("b", {"y"});
    s.run(1s);
    EXPECT_EQ(s.row(s.a).state, JobState::transient_error) << status;
    EXPECT_EQ(s.waiting(s.a), "host says to come back later (Retry-After); next try in 1 min 38 s");
    EXPECT_EQ(s.waiting(b), "host told another job to come back later, and all that go there wait; next try in 1 min 38 s");
    s.run(97s);
    EXPECT_EQ(s.x.requests, 1U);
    EXPECT_EQ(s.world.origin.find("http://host/y")->requests, 0U);
    s.run(10s);
    EXPECT_EQ(s.row(s.a).state, JobState::transferred);
    EXPECT_EQ(s.row(b).state, JobState::transferred);
  }
}

std::string explained(Story& s, const JobId& job, Program& by) {
  std::string text = "\n";
  for (const core::Cause& cause : s.world.service().explain(s.row(job), by.caller()))
    text.append(to_word(cause.subject)).append(": ").append(cause.sentence).append("\n");
  return text;
}

constexpr const char* for_all =
    "policy: a server that asks for time gets it from all jobs, whatever they fetch from http://host:80; start asks it "
    "at once\n";

TEST(RetryAfter, WhoWaitsIsToldByWhoseAnswer) {
  Throttled s(100s, 503);
  s.begin();
  const JobId b = s.enqueue("b", {"y"});
  s.run(1s);
  const std::string waits = "\njob: host told another job to come back later, and all that go there wait; next try in 1 min 38 s\n";
  EXPECT_EQ(explained(s, s.a, s.alice), "\njob: host says to come back later (Retry-After); next try in 1 min 38 s\n"
            "world: it asked for http://host/x, and HTTP 503 from host said to come back later\n" + std::string(for_all));
  EXPECT_EQ(explained(s, b, s.alice),
            waits + "before: \"a\" asked for http://host/x, and HTTP 503 from host said to come back later\n" + for_all);
  EXPECT_EQ(s.world.service().explain(s.row(b), s.alice.caller()).at(1).job, s.a);
  EXPECT_EQ(explained(s, b, s.carol),
            waits + "before: another job asked, and HTTP 503 from host said to come back later\n" + for_all);
  s.crash();
  s.run(1s);
  EXPECT_NE(explained(s, b, s.alice).find("before: \"a\" asked for http://host/x, and HTTP 503 from host said"),
            std::string::npos) << explained(s, b, s.alice);
  s.cancel(s.a);
  s.run(1s);
  EXPECT_NE(explained(s, b, s.alice).find("before: \"a\", which has ended, asked for http://host/x, and HTTP 503"),
            std::string::npos) << explained(s, b, s.alice);
  EXPECT_FALSE(s.world.service().explain(s.row(b), s.alice.caller()).at(1).job) << "nobody can do anything about that one";
}

JobId fetch_by(Story& s, Program& by, const std::string& name) {
  s.serve(name, 1000);
  return s.enqueue_by(by, name, Story::specs({name}));
}

JobChange by_own_proxy() {
  JobChange change = soon();
  change.proxy = JobChange::Proxy{2, "127.0.0.1:18081", ""};
  return change;
}

// Who answers by the proxy of an owner, or with a certificate that he lets pass, may be that owner.
TEST(RetryAfter, HoldsTheJobsOfItsOwnerAloneWhereHeMayHaveSaidItHimself) {
  JobChange lax = soon();
  lax.security_flags = core::security::ignore_authority;
  for (const JobChange& own : {by_own_proxy(), lax}) {
    Throttled s(80'000s, 503);
    s.begin(own);
    ASSERT_EQ(s.row(s.a).state, JobState::transient_error);
    const JobId same = s.enqueue("b", {"y"});
    const JobId hers = fetch_by(s, s.carol, "z");
    s.run(10s);
    EXPECT_EQ(s.row(hers).state, JobState::transferred) << s.waiting(hers);
    EXPECT_EQ(s.row(same).state, JobState::queued);
    EXPECT_NE(explained(s, same, s.alice).find("gets it from all jobs of the owner whose proxy"), std::string::npos)
        << explained(s, same, s.alice);
    EXPECT_TRUE(s.waiting(same).starts_with("host told another job of this owner to come back later, and all jobs of this owner "
                                            "that go there wait; next try in 22 h 13 min"))
        << s.waiting(same);
    JobChange usual;
    usual.proxy = JobChange::Proxy{0, "", ""};
    usual.security_flags = 0;
    s.change(s.a, usual);
    s.crash();
    const JobId later = fetch_by(s, s.carol, "w");
    s.run(10s);
    EXPECT_EQ(s.row(later).state, JobState::transferred) << "it counts how it was asked: " << s.waiting(later);
    EXPECT_EQ(s.row(same).state, JobState::queued);
  }
}

TEST(RetryAfter, AnAnswerByAProxyOfItsOwnerEndsItForNobodyElse) {
  Throttled s(1h);
  s.begin();
  const JobId b = s.enqueue("b", {"y"}, by_own_proxy());
  const JobId hers = fetch_by(s, s.carol, "z");
  s.run(60s);
  s.start(b);
  s.run(20s);
  EXPECT_EQ(s.row(b).state, JobState::transferred);
  EXPECT_EQ(s.row(hers).state, JobState::queued);
  EXPECT_EQ(s.row(s.a).state, JobState::transient_error);
}

TEST(RetryAfter, TheAddressIsToldWithoutItsQuery) {
  Throttled s(100s);
  s.world.origin.serve("http://host/q?token=canary", 1000).fault({FaultKind::status, 429, 100s});
  ports::command::Enqueue command;
  command.files = {{"http://host/q?token=canary", "/d/q"}};
  command.properties.name = "q";
  command.start = true;
  s.world.submit("Enqueue", s.alice.caller(), command);
  s.run(2s);
  const JobId b = s.enqueue("b", {"y"});
  s.run(1s);
  const std::string text = explained(s, b, s.alice);
  EXPECT_NE(text.find("\"q\" asked for http://host/q, and HTTP 429 from host said"), std::string::npos) << text;
  EXPECT_EQ(text.find("canary"), std::string::npos) << text;
}

TEST(RetryAfter, AGoodAnswerToTheOwnersStartEndsItForTheOthers) {
  Throttled s(1h);
  s.begin();
  const JobId b = s.enqueue("b", {"y"});
  s.run(60s);
  ASSERT_EQ(s.world.origin.find("http://host/y")->requests, 0U);
  s.start(s.a);
  s.run(20s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
  EXPECT_EQ(s.row(b).state, JobState::transferred);
}

TEST(RetryAfter, ABadAnswerToTheOwnersStartEndsNothing) {
  Throttled s(1h);
  s.x.fault({FaultKind::status, 503, 1h});
  s.begin();
  s.enqueue("b", {"y"});
  s.run(60s);
  s.start(s.a);
  s.run(20min);
  EXPECT_EQ(s.x.requests, 2U);
  EXPECT_EQ(s.world.origin.find("http://host/y")->requests, 0U);
}

TEST(RetryAfter, WhoWasToldToWaitGoesBackToItsUsualDelayAfterAGoodAnswer) {
  Throttled s(1h);
  s.begin({.minimum_retry_delay = 600});
  const JobId b = s.enqueue("b", {"y"});
  s.run(60s);
  s.start(b);
  s.run(20s);
  EXPECT_EQ(s.row(b).state, JobState::transferred);
  EXPECT_EQ(s.x.requests, 1U) << "its address may be the one that is limited";
  EXPECT_EQ(s.waiting(s.a).find("come back later"), std::string::npos) << s.waiting(s.a);
  s.crash();
  s.run(500s);
  EXPECT_EQ(s.x.requests, 1U);
  s.run(60s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
}

TEST(RetryAfter, OtherServersAreNotHeldUp) {
  Throttled s(100s);
  s.world.origin.serve("http://other/z", 1000);
  s.begin();
  ports::command::Enqueue command;
  command.files = {{"http://other/z", "/d/z"}, {"http://host/y", "/d/y"}};
  command.properties.name = "c";
  command.start = true;
  s.world.submit("Enqueue", s.alice.caller(), command);
  s.run(10s);
  EXPECT_EQ(s.world.origin.find("http://other/z")->requests, 1U);
  EXPECT_EQ(s.world.origin.find("http://host/y")->requests, 0U) << "the turn is given back";
  s.run(100s);
  EXPECT_EQ(s.world.origin.find("http://host/y")->requests, 1U);
}

TEST(RetryAfter, OnlyTheOwnersStartGoesPastIt) {
  Throttled s(100s);
  s.begin();
  s.world.set_network(false);
  s.run(1s);
  s.world.set_network(true);
  s.run(10s);
  EXPECT_EQ(s.x.requests, 1U) << "not the network";
  s.crash();
  s.run(10s);
  EXPECT_EQ(s.x.requests, 1U) << "nor a crash";
  s.start(s.a);
  s.run(5s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
}

TEST(RetryAfter, IsNoReasonToWaitLongerThanADayAndNoProgressTimeoutGoesOn) {
  Throttled s(std::chrono::hours(1000));
  s.begin();
  EXPECT_EQ(s.waiting(s.a), "host says to come back later (Retry-After); next try in 23 h 59 min");
  Throttled t(std::chrono::hours(2));
  t.begin({.minimum_retry_delay = 5, .no_progress_timeout = 600});
  t.run(590s);
  EXPECT_EQ(t.row(t.a).state, JobState::transient_error);
  t.run(20s);
  EXPECT_EQ(t.row(t.a).state, JobState::error);
}

TEST(RetryAfter, IsNotShorterThanTheRetryDelay) {
  Throttled s(10s);
  s.begin({.minimum_retry_delay = 60});
  s.run(50s);
  EXPECT_EQ(s.x.requests, 1U);
  s.run(20s);
  EXPECT_EQ(s.row(s.a).state, JobState::transferred);
}

}  // namespace
}  // namespace backhaul::stories
