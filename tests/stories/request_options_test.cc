// SPDX-License-Identifier: Apache-2.0
// What the owner says about requests, while they are made (http-and-network.md §4, §5, jobs.md §3.2, §17).
#include "core/request_options.h"
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

namespace security = core::security;

JobChange flags(std::uint32_t value) { return {.security_flags = value}; }
JobChange post() { return {.minimum_retry_delay = 5, .http_method = "POST"}; }

TEST(RequestOptions, AChangeEndsWhatIsUnderWayAndKeepsWhatItHolds) {
  Story s;
  sim::RemoteFile& x = s.serve("x", 10'000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(4s);
  const std::uint32_t epoch = s.file(a, 0).epoch;
  s.change(a, flags(security::ignore_date));
  s.run(500ms);
  EXPECT_EQ(x.requests, 2U) << "asked again, as it is wanted now";
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.file(a, 0).epoch, epoch) << "the same part";
  EXPECT_EQ(s.row(a).error_count, 0U);
  s.change(a, flags(0));
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(RequestOptions, WhatIsEqualEndsNothing) {
  Story s;
  sim::RemoteFile& x = s.serve("x", 10'000);
  const JobId a = s.enqueue("a", {"x"}, flags(security::ignore_date));
  s.run(4s);
  s.change(a, flags(security::ignore_date));
  s.change(a, {.description = "d"});
  s.run(20s);
  EXPECT_EQ(x.requests, 1U);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(RequestOptions, ACheckOfRevocationsCountsForEveryByteOfAFileThatIsNotWhole) {
  Story s;
  s.serve("x", 1000);
  sim::RemoteFile& y = s.serve("y", 10'000);
  const JobId a = s.enqueue("a", {"x", "y"});
  s.run(8s);
  ASSERT_EQ(s.file(a, 0).state, core::FileState::transferred);
  const std::uint32_t epoch = s.file(a, 1).epoch;
  const std::uint32_t whole = s.file(a, 0).epoch;
  s.change(a, flags(security::check_revocation));
  s.run(0s);
  EXPECT_TRUE(s.file(a, 1).stored.empty());
  EXPECT_GT(s.file(a, 1).epoch, epoch);
  EXPECT_EQ(s.file(a, 0).epoch, whole) << "what is whole stays";
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_GE(y.requests, 2U);
}

TEST(RequestOptions, ARedirectThatIsForbiddenIsAnErrorWithItsStatus) {
  Story s;
  s.serve("x", 1000).fault({FaultKind::redirects});
  const JobId a = s.enqueue("a", {"x"}, flags(security::redirect_disallow));
  s.run(5s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  ASSERT_TRUE(s.row(a).error);
  EXPECT_EQ(s.row(a).error->code, base::http_code(302));
  s.start(a);
  s.run(5s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(RequestOptions, AnotherMethodMakesEveryFailureAnErrorAndBeginsAnew) {
  Story s;
  sim::RemoteFile& x = s.serve("x", 5000).fault({FaultKind::cut, 3000});
  const JobId a = s.enqueue("a", {"x"}, post());
  s.run(4500ms);
  EXPECT_EQ(s.row(a).priority, base::Priority::foreground);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::WINHTTP_CONNECTION_ERROR);
  EXPECT_EQ(s.file(a, 0).stored.prefix(), 3000U);
  s.start(a);
  s.run(2500ms);
  EXPECT_LE(s.file(a, 0).stored.prefix(), 2000U) << "from byte 0";
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(x.requests, 2U);
}

// What ends a request of another method while it is under way: nothing asks for it again but its owner.
class AskedOnce : public testing::Test {
 protected:
  void expect_error(Code code) {
    s.run(30min);
    EXPECT_EQ(s.row(a).state, JobState::error);
    ASSERT_TRUE(s.row(a).error);
    EXPECT_EQ(s.row(a).error->code, code);
    EXPECT_EQ(x.requests, 1U);
    s.start(a);
    s.run(1min);
    EXPECT_EQ(s.row(a).state, JobState::transferred);
    EXPECT_EQ(x.requests, 2U);
  }

  Story s;
  sim::RemoteFile& x = s.serve("x", 5000);
  JobId a = s.enqueue("a", {"x"}, post());
};

TEST_F(AskedOnce, WhenTheServiceIsKilledBeforeTheAnswer) {
  s.run(500ms);
  ASSERT_EQ(s.row(a).state, JobState::connecting);
  s.crash();
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).pending->kind, core::NotifyKind::job_error) << "it is told";
  s.crash();
  expect_error(Code::WINHTTP_CONNECTION_ERROR);
}

TEST_F(AskedOnce, WhenTheServiceIsKilledBehindIt) {
  s.run(3500ms);
  ASSERT_EQ(s.row(a).state, JobState::transferring);
  s.crash();
  expect_error(Code::WINHTTP_CONNECTION_ERROR);
}

TEST_F(AskedOnce, WhenThePowerFails) {
  s.run(2500ms);
  s.lose_power();
  expect_error(Code::WINHTTP_CONNECTION_ERROR);
}

TEST_F(AskedOnce, WhenTheNetworkIsLost) {
  s.run(3500ms);
  s.world.set_network(false);
  s.run(1min);
  s.world.set_network(true);
  expect_error(Code::BG_E_NETWORK_DISCONNECTED);
}

TEST_F(AskedOnce, WhenTheMachineGoesToSleep) {
  s.run(3500ms);
  s.world.machine.set({.going_to_sleep = true});
  s.run(1min);
  s.world.machine.set({});
  expect_error(Code::WINHTTP_CONNECTION_ERROR);
}

TEST_F(AskedOnce, WhenTheStoreFails) {
  s.run(3500ms);
  s.world.store.fail_next();
  s.change(a, {.description = "d"});
  expect_error(Code::WINHTTP_CONNECTION_ERROR);
}

TEST_F(AskedOnce, ButOneThatWaitsForItsTurnHasAskedForNothing) {
  s.run(20s);
  s.world.set_network(false);
  const JobId b = s.enqueue("b", {"x"}, post());
  s.run(1min);
  EXPECT_EQ(s.row(b).state, JobState::transient_error);
  s.crash();
  s.run(1min);
  EXPECT_EQ(x.requests, 1U);
  s.world.set_network(true);
  s.run(1min);
  EXPECT_EQ(s.row(b).state, JobState::transferred);
  EXPECT_EQ(x.requests, 2U);
}

TEST(RequestOptions, AnotherMethodIsNotAskedForAtAMirrorUnasked) {
  Story s;
  s.serve("x", 1000).fault({FaultKind::cut, 500});
  s.serve("y", 1000);
  const JobId a = s.enqueue_files(
      "a", {{.remote = "http://host/x", .local = "/d/x", .mirrors = {"http://host/y"}}}, post());
  s.run(10min);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.world.origin.find("http://host/y")->requests, 0U);
  s.start(a);
  s.run(1min);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_EQ(s.world.origin.find("http://host/y")->requests, 1U) << "the next address";
}

TEST(RequestOptions, TheProxiesOfAnEnvironmentAreThoseOfTheMakerAndGoWithTheOwnership) {
  Story s;
  ports::command::Enqueue command;
  command.properties.name = "a";
  command.proxies.http = "http://user:secret@proxy";
  const base::CallId call = s.world.submit("Enqueue", s.alice.caller(), std::move(command)).id;
  s.run(0s);
  const JobId a = std::get<JobId>(**s.world.clients.call(call).reply);
  s.crash();
  ASSERT_TRUE(s.row(a).rare->proxy_environment);
  const std::string kept(s.row(a).rare->proxy_environment->http);
  EXPECT_TRUE(kept.starts_with("http://{") && kept.ends_with("}@proxy")) << kept;
  s.world.submit("TakeOwnership", s.root.caller(), ports::command::TakeOwnership{a});
  s.run(0s);
  EXPECT_EQ(s.row(a).owner_uid, 0U);
  EXPECT_FALSE(s.row(a).rare->proxy_environment);
}

}  // namespace
}  // namespace backhaul::stories
