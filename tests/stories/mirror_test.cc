// SPDX-License-Identifier: Apache-2.0
// Several addresses of one file.
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

class Mirror : public testing::Test {
 protected:
  // /d/x from http://host/x, or http://b/x, or http://c/x
  JobId fetch(std::uint32_t retry_delay = 60) {
    return s.enqueue_files("a", {{.remote = "http://host/x", .local = "/d/x",
                                  .mirrors = {"http://b/x", "http://c/x"}}},
                           {.minimum_retry_delay = retry_delay});
  }
  sim::RemoteFile& mirror(const std::string& host) {
    return s.world.origin.mirror("http://" + host + "/x", "http://host/x");
  }
  Story s;
};

TEST_F(Mirror, OneThatFailsForGoodIsFollowedByTheNextAtOnce) {
  s.serve("x", 2000).always = sim::Fault{FaultKind::status, 404, {}};
  mirror("b").always = sim::Fault{FaultKind::refuse};
  mirror("c");
  const JobId a = fetch();
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.row(a).error_count, 0U) << "the job was not told";
  EXPECT_EQ(s.file(a, 0).remote, "http://host/x") << "its name stays";
  EXPECT_EQ(s.file(a, 0).rare->mirrors->failed, 0U);
}

TEST_F(Mirror, WhatIsHeldIsContinuedFromTheNext) {
  s.serve("x", 5000).fault({FaultKind::cut, 3000}).always = sim::Fault{FaultKind::status, 503, {}};
  sim::RemoteFile& b = mirror("b");
  b.versions.back().etag = "\"of b\"";
  b.versions.back().last_modified = sim::http_date(1'600'000'000);
  const JobId a = fetch();
  s.run(15s);
  EXPECT_EQ(s.row(a).state, JobState::transferred) << "dates and tags of servers differ";
  EXPECT_EQ(s.file(a, 0).epoch, 0U);
}

TEST_F(Mirror, AnotherVersionThereIsTheMirrorsFailure) {
  s.serve("x", 5000).fault({FaultKind::cut, 3000}).fault({FaultKind::status, 503, {}});
  s.world.origin.serve("http://b/x", 5000);
  s.world.origin.serve("http://c/x", 6000);
  const JobId a = fetch();
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error->code, Code::WINHTTP_CONNECTION_ERROR) << "what may pass is told";
  EXPECT_EQ(s.file(a, 0).stored.prefix(), 3000U);
  s.run(200s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.file(a, 0).size(), 5000U);
  EXPECT_EQ(s.file(a, 0).epoch, 0U);
}

TEST_F(Mirror, WhenAllHaveFailedTheJobIsToldAndTheNextTryBeginsWithTheNext) {
  s.serve("x", 1000).always = sim::Fault{FaultKind::status, 404, {}};
  mirror("b").fault({FaultKind::status, 503, {}});
  mirror("c").always = sim::Fault{FaultKind::status, 410, {}};
  const JobId a = fetch();
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error->code, base::http_code(503));
  EXPECT_EQ(s.row(a).error_count, 1U);
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST_F(Mirror, WhereNoneCanHelpItIsAnErrorAndStartBeginsARoundAnew) {
  for (const char* host : {"host", "b", "c"})
    (host == std::string("host") ? s.serve("x", 1000) : mirror(host)).fault({FaultKind::status, 404, {}});
  const JobId a = fetch();
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST_F(Mirror, WhereOneContradictsAndTheOthersHaveOtherVersionsItEndsInError) {
  s.serve("x", 5000).fault({FaultKind::cut, 3000}).always = sim::Fault{FaultKind::encoded, 0, {}};
  s.world.origin.serve("http://b/x", 5000);
  s.world.origin.serve("http://c/x", 6000);
  const JobId a = fetch();
  s.run(3600s);
  EXPECT_EQ(s.row(a).state, JobState::error) << "three contradictions, also between other failures";
  s.start_anew(a);
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST_F(Mirror, OneThatAsksForTimeGetsItAndTheOthersServe) {
  sim::Fault busy{FaultKind::status, 503, 500s};
  s.serve("x", 1000).always = busy;
  mirror("b");
  fetch();
  s.run(10s);
  EXPECT_EQ(s.world.origin.find("http://host/x")->requests, 1U);
  const JobId again = fetch();
  s.run(10s);
  EXPECT_EQ(s.row(again).state, JobState::transferred);
  EXPECT_EQ(s.world.origin.find("http://host/x")->requests, 1U) << "it is not asked before its time";
}

TEST_F(Mirror, OneThatAsksForTimeDoesNotStopTheClockOfAJobThatMakesNoProgress) {
  s.serve("x", 1000).always = sim::Fault{FaultKind::status, 503, 3600s};
  mirror("b").always = sim::Fault{FaultKind::status, 404, {}};
  const JobId a = s.enqueue_files("a", {{.remote = "http://host/x", .local = "/d/x", .mirrors = {"http://b/x"}}},
                                  {.minimum_retry_delay = 5, .no_progress_timeout = 60});
  s.run(40s);
  EXPECT_EQ(s.row(a).state, JobState::queued) << "the second round waits for the one that asked for time";
  EXPECT_TRUE(s.waiting(a).starts_with("host says to come back later")) << s.waiting(a);
  s.run(30s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, base::http_code(503)) << "what kept it from the file";
}

// At b lies something else, for which it asks somebody for time.
class MirrorAtRest : public Mirror {
 protected:
  MirrorAtRest() {
    s.world.origin.serve("http://b/y", 1000).fault({FaultKind::status, 503, 500s});
    s.enqueue_files("told", {{.remote = "http://b/y", .local = "/d/y"}}, {.minimum_retry_delay = 60});
    s.run(5s);
  }
  JobId fetch_from_both() {
    return s.enqueue_files("a", {{.remote = "http://host/x", .local = "/d/x", .mirrors = {"http://b/x"}}},
                           {.minimum_retry_delay = 60});
  }
  std::uint32_t requests(const std::string& url) { return s.world.origin.find(url)->requests; }
};

TEST_F(MirrorAtRest, HasNotFailedAndIsAskedWhenItMayBe) {
  s.serve("x", 1000).always = sim::Fault{FaultKind::status, 404, {}};
  mirror("b");
  const JobId a = fetch_from_both();
  s.run(300s);
  EXPECT_EQ(s.row(a).state, JobState::queued) << "not every address has failed";
  EXPECT_EQ(s.row(a).error_count, 0U);
  EXPECT_TRUE(s.waiting(a).starts_with("b told another job to come back later")) << s.waiting(a);
  std::string explained;
  for (const core::Cause& cause : s.world.service().explain(s.row(a), s.alice.caller()))
    explained += cause.sentence + "\n";
  EXPECT_NE(explained.find("\"told\" asked for http://b/y"), std::string::npos) << explained;
  EXPECT_EQ(requests("http://b/x"), 0U);
  s.crash();
  s.run(300s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(requests("http://host/x"), 1U) << "it said no for good";
}

TEST_F(MirrorAtRest, WhoseOwnerSaysStartIsAskedAtOnce) {
  s.serve("x", 1000).always = sim::Fault{FaultKind::status, 404, {}};
  mirror("b");
  const JobId a = fetch_from_both();
  s.run(10s);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST_F(MirrorAtRest, IsNotWaitedForWhereAnotherMayBeBetterBefore) {
  s.serve("x", 1000).fault({FaultKind::status, 500, {}});
  mirror("b");
  const JobId a = fetch_from_both();
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error->code, base::http_code(500));
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(requests("http://b/x"), 0U);
}

TEST_F(MirrorAtRest, ThatFailsInItsTurnEndsTheRound) {
  s.serve("x", 1000).always = sim::Fault{FaultKind::status, 404, {}};
  mirror("b").always = sim::Fault{FaultKind::status, 410, {}};
  const JobId a = fetch_from_both();
  s.run(600s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, base::http_code(410));
  EXPECT_EQ(requests("http://b/x"), 1U);
}

TEST_F(Mirror, ACrashInARoundGoesOnWithIt) {
  s.serve("x", 1000).always = sim::Fault{FaultKind::status, 404, {}};
  mirror("b");
  const JobId a = fetch();
  s.run(1s);
  s.crash();
  EXPECT_EQ(s.file(a, 0).rare->mirrors->current, 1U);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.world.origin.find("http://host/x")->requests, 1U);
}

TEST_F(Mirror, AMirrorThatIsNoAddressRefusesTheJob) {
  s.serve("x", 1000);
  s.enqueue_files("a", {{.remote = "http://host/x", .local = "/d/x", .mirrors = {"gopher://b/x"}}});
  EXPECT_EQ(s.reply_to_last(), "E_INVALIDARG");
}

}  // namespace
}  // namespace backhaul::stories
