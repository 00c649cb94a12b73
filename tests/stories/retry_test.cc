// SPDX-License-Identifier: Apache-2.0
// Errors: which are tried again, when, for how long, and what the network has to do with it
// (jobs.md §3, §9; errors.md).
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

TEST(Retry, ATransientErrorWaitsForTheRetryDelayAndContinuesWhereItEnded) {
  Story s;
  s.serve("x", 5000).fault({FaultKind::cut, 3000});
  const JobId a = s.enqueue("a", {"x"}, {.minimum_retry_delay = 60});
  s.run(100s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
4 a is transient-error WINHTTP_CONNECTION_ERROR
64 a is queued
64 a is connecting
65 a is transferring
67 a is transferred
)");
  EXPECT_EQ(s.row(a).error_count, 1U);
}

TEST(Retry, TheDelayIs600SecondsUnlessSetAndNeverBelow5) {
  Story s;
  s.serve("x", 1000).always = sim::Fault{FaultKind::refuse};
  s.serve("y", 1000).always = sim::Fault{FaultKind::refuse};
  const JobId a = s.enqueue("a", {"x"});
  s.run(1s);
  const JobId b = s.enqueue("b", {"y"}, {.minimum_retry_delay = 1});
  EXPECT_EQ(s.row(a).minimum_retry_delay, base::Seconds(600));
  EXPECT_EQ(s.row(b).minimum_retry_delay, base::Seconds(5));
  s.run(10s);
  s.cancel(b);
  s.run(600s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transient-error WINHTTP_CANNOT_CONNECT
1 b is queued
1 Enqueue: b
1 b is connecting
2 b is transient-error WINHTTP_CANNOT_CONNECT
7 b is queued
7 b is connecting
8 b is transient-error WINHTTP_CANNOT_CONNECT
11 b is cancelled
11 b is removed
11 Cancel b: S_OK
601 a is queued
601 a is connecting
602 a is transient-error WINHTTP_CANNOT_CONNECT
)");
}

TEST(Retry, StartEndsTheWait) {
  Story s;
  s.serve("x", 1000).fault({FaultKind::refuse});
  const JobId a = s.enqueue("a", {"x"});
  s.run(10s);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transient-error WINHTTP_CANNOT_CONNECT
10 a is queued
10 Start a: S_OK
10 a is connecting
11 a is transferring
12 a is transferred
)");
}

TEST(Retry, AFatalErrorStopsTheJobUntilItsOwnerRepairsIt) {
  Story s;
  s.serve("x", 1000);
  s.serve("y", 1000).fault({FaultKind::status, 404});
  const JobId a = s.enqueue("a", {"x", "y"});
  s.run(10s);
  EXPECT_EQ(s.row(a).error->context, base::ErrorContext::remote_file);
  EXPECT_EQ(s.row(a).error->file, 1U);
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
3 a is error BG_E_HTTP_ERROR_404
10 a is queued
10 Start a: S_OK
10 a is connecting
11 a is transferring
12 a is transferred
)");
  EXPECT_FALSE(s.row(a).error);
}

TEST(Retry, N27_N28_JobErrorComesOnlyWhenNoProgressTimeoutIsOver) {
  Story s;
  s.serve("x", 1000).always = sim::Fault{FaultKind::refuse};
  const JobId a = s.enqueue("a", {"x"}, {.minimum_retry_delay = 100, .no_progress_timeout = 250});
  s.set_object(a, s.alice);
  s.run(400s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 SetObject a: S_OK
1 a is transient-error WINHTTP_CANNOT_CONNECT
101 a is queued
101 a is connecting
102 a is transient-error WINHTTP_CANNOT_CONNECT
202 a is queued
202 a is connecting
203 a is transient-error WINHTTP_CANNOT_CONNECT
251 a is error WINHTTP_CANNOT_CONNECT
251 JobError of a to alice/o: S_OK
)");
}

TEST(Retry, AnyByteOfProgressResetsTheNoProgressTimeout) {
  Story s;
  s.serve("x", 9000).fault({FaultKind::cut, 2000}).fault({FaultKind::cut, 2000});
  const JobId a = s.enqueue("a", {"x"}, {.minimum_retry_delay = 100, .no_progress_timeout = 150});
  s.run(400s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
3 a is transient-error WINHTTP_CONNECTION_ERROR
103 a is queued
103 a is connecting
104 a is transferring
106 a is transient-error WINHTTP_CONNECTION_ERROR
206 a is queued
206 a is connecting
207 a is transferring
212 a is transferred
)");
  EXPECT_EQ(s.row(a).error_count, 2U);
}

TEST(Retry, AServerThatAsksForTimeDoesNotStopTheClockOfAJobThatHasFailed) {
  Story s;
  s.serve("x", 1000).fault({FaultKind::status, 503, {}});
  s.serve("y", 1000).always = sim::Fault{FaultKind::status, 503, 3600s};
  s.serve("z", 1000);
  s.world.origin.serve("http://other/long", 30'000);
  const JobId a = s.enqueue("a", {"x"}, {.priority = 3, .minimum_retry_delay = 5, .no_progress_timeout = 60});
  s.run(2s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  s.enqueue_files("long", {{.remote = "http://other/long", .local = "/d/long"}}, {.priority = 1});
  s.run(8s);
  EXPECT_EQ(s.row(a).state, JobState::queued) << "behind the other one";
  s.enqueue("told", {"y"}, {.priority = 0});
  s.run(2s);
  const JobId fresh = s.enqueue("fresh", {"z"}, {.no_progress_timeout = 60});
  s.run(30s);
  EXPECT_EQ(s.row(a).state, JobState::queued);
  EXPECT_TRUE(s.waiting(a).starts_with("host told another job to come back later")) << s.waiting(a);
  s.run(60s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, base::http_code(503));
  EXPECT_EQ(s.row(fresh).state, JobState::queued) << "it was never tried, so its time has not begun";
}

TEST(Retry, AResumeAfterAnErrorCountsTheTimeWithoutProgressAnew) {
  Story s;
  sim::RemoteFile& x = s.serve("x", 1000);
  x.always = sim::Fault{FaultKind::status, 503, {}};
  JobChange patience;
  patience.no_progress_timeout = 1200;
  const JobId a = s.enqueue("a", {"x"}, patience);
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  x.always = sim::Fault{FaultKind::status, 404, {}};
  s.start(a);
  s.run(900s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  x.always = sim::Fault{FaultKind::status, 503, {}};
  s.start(a);
  s.run(500s);  // longer than 1,200 s after the first failure
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
}

TEST(Retry, WithoutTimeForProgressEveryErrorIsFinal) {
  Story s;
  s.serve("x", 1000).always = sim::Fault{FaultKind::refuse};
  s.enqueue("a", {"x"}, {.no_progress_timeout = 0});
  s.enqueue("b", {"x"}, {.minimum_retry_delay = 20, .no_progress_timeout = 10});
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 b is queued
0 Enqueue: b
1 b is connecting
1 a is error WINHTTP_CANNOT_CONNECT
2 b is error WINHTTP_CANNOT_CONNECT
)");
}

// jobs.md §11.
TEST(Retry, AJobThatIsLargerThanItMayBeIsNotFetched) {
  Story s;
  s.serve("x", 1000);
  s.serve("y", 1000);
  s.serve("z", 60000).tells_size = false;
  const JobId known = s.enqueue("known", {"x", "y"}, {.maximum_download_size = 1999});
  const JobId just = s.enqueue("just", {"x", "y"}, {.maximum_download_size = 2000});
  const JobId untold = s.enqueue("untold", {"z"}, {.maximum_download_size = 5000});
  s.run(300s);
  for (const JobId& id : {known, untold}) {
    EXPECT_EQ(s.row(id).state, base::JobState::error);
    ASSERT_TRUE(s.row(id).error);
    EXPECT_EQ(s.row(id).error->code, base::Code::BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
  }
  EXPECT_EQ(s.row(just).state, base::JobState::transferred);
  EXPECT_EQ(s.row(known).files.transferred, 1U) << "the first was within the limit";
  EXPECT_LT(s.row(untold).files.bytes_stored, 60000U) << "it stopped on the way";
}

// policies.md §1: the policy is what a job begins with; its owner sets more or less.
TEST(Retry, MaximumDownloadTimeOfANewJobIsThatOfThePolicy) {
  engine::Settings settings;
  settings.policy.limits.maximum_download_time.value = 5s;
  Story s(settings);
  s.serve("x", 50000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_MAXDOWNLOAD_TIMEOUT);
  s.change(a, {.maximum_download_time = 100});
  s.change(a, {.usual_download_time = true});
  EXPECT_EQ(s.row(a).maximum_download_time, 5s) << "as a new one has it";
  s.change(a, {.maximum_download_time = 100});
  s.start(a);
  s.run(60s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Retry, MaximumDownloadTimeCountsOnlyTheTimeOfTransfer) {
  Story s;
  s.serve("x", 50000);
  const JobId a = s.enqueue("a", {"x"}, {.maximum_download_time = 10});
  s.run(6s);
  s.suspend(a);
  s.run(100s);
  s.change(a, {.description = "no reset"});
  s.forget();
  s.start(a);  // Resume sets it back to 0
  s.run(9s);
  s.suspend(a);
  s.start(a);
  s.run(11s);
  EXPECT_EQ(s.told(), R"(
106 a is queued
106 Start a: S_OK
106 a is connecting
107 a is transferring
115 a is suspended
115 Suspend a: S_OK
115 a is queued
115 Start a: S_OK
115 a is connecting
116 a is transferring
125 a is error BG_E_MAXDOWNLOAD_TIMEOUT
)");
}

TEST(Network, WithoutNetworkEveryJobWaitsForItAndNoErrorIsCounted) {
  Story s;
  s.serve("x", 5000);
  s.serve("y", 1000);
  const JobId a = s.enqueue("a", {"x"});
  const JobId b = s.enqueue("b", {"y"});
  s.run(3s);
  s.world.set_network(false);
  s.run(10s);
  EXPECT_EQ(s.waiting(a), "waiting for the network for 10 s");
  EXPECT_EQ(s.row(a).error_count + s.row(b).error_count, 0U);
  s.world.set_network(true);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
0 b is queued
0 Enqueue: b
1 a is transferring
3 network down
3 b is transient-error BG_E_NETWORK_DISCONNECTED
3 a is transient-error BG_E_NETWORK_DISCONNECTED
13 network up
13 b is queued
13 a is queued
13 a is connecting
14 a is transferring
17 b is connecting
17 a is transferred
18 b is transferring
19 b is transferred
)");
}

TEST(Network, ComingUpItWakesEveryTransientErrorWhateverItsCode) {
  Story s;
  s.serve("x", 1000).fault({FaultKind::status, 500});
  s.enqueue("a", {"x"});
  s.run(5s);
  s.world.set_network(false);
  s.run(5s);
  s.world.set_network(true);
  s.run(5s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transient-error BG_E_HTTP_ERROR_500
5 network down
10 network up
10 a is queued
10 a is connecting
11 a is transferring
12 a is transferred
)");
}

TEST(Network, AJobForThisMachineNeedsNone) {
  Story s;
  s.world.origin.serve("http://localhost/x", 3000);
  ports::command::Enqueue command;
  command.properties.name = "a";
  command.files = {{"http://localhost/x", "/d/x"}};
  command.start = true;
  s.world.set_network(false);
  s.run(0s);
  s.world.submit("Enqueue", s.alice.caller(), command);
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 network down
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
4 a is transferred
)");
}

TEST(Network, AJobStartedWithoutNetworkWaitsForIt) {
  Story s;
  s.serve("x", 1000);
  s.world.set_network(false);
  s.enqueue("a", {"x"});
  s.run(5s);
  s.world.set_network(true);
  s.run(5s);
  EXPECT_EQ(s.told(), R"(
0 network down
0 a is queued
0 Enqueue: a
0 a is transient-error BG_E_NETWORK_DISCONNECTED
5 network up
5 a is queued
5 a is connecting
6 a is transferring
7 a is transferred
)");
}

TEST(Network, WhatCameUpWhileTheServiceWasDownIsNoticed) {
  Story s;
  s.serve("x", 1000);
  s.world.set_network(false);
  s.enqueue("a", {"x"});
  s.world.kill_service();
  s.world.set_network(true);
  s.run(1s);  // whoever watches the network is not there to be told
  s.world.start_service();
  s.run(5s);
  EXPECT_EQ(s.told(), R"(
0 network down
0 a is queued
0 Enqueue: a
0 a is transient-error BG_E_NETWORK_DISCONNECTED
0 the service dies
0 network up
1 a is queued
1 a is connecting
2 a is transferring
3 a is transferred
)");
}

TEST(Waiting, AJobSaysInOneSentenceWhatItWaitsFor) {
  Story s;
  s.serve("x", 1000).fault({FaultKind::status, 503});
  s.serve("y", 1000).fault({FaultKind::status, 404});
  const JobId empty = s.create("empty");
  EXPECT_EQ(s.waiting(empty), "has no files; waiting for files to be added");
  const JobId a = s.create("a", {"x"});
  EXPECT_EQ(s.waiting(a), "suspended; waiting to be started");
  s.start(a);
  s.run(11s);
  EXPECT_EQ(s.waiting(a), "retry in 9 min 50 s after HTTP 503 from host");
  const JobId b = s.enqueue("b", {"y"});
  s.run(5s);
  EXPECT_EQ(s.waiting(b), "stopped for 4 s after HTTP 404 from host; waiting to be started again or ended");
  s.start(b);
  const JobId c = s.enqueue("c", {"x"});
  EXPECT_EQ(s.waiting(c), "waiting for its turn");
  s.run(5s);
  EXPECT_EQ(s.waiting(b), "transferred; waiting to be completed for 3 s");
}

TEST(Retry, AResumeGivesAServerWithoutRangesAnotherChance) {
  Story s;
  sim::RemoteFile& x = s.serve("x", 5000);
  x.does_ranges = false;
  x.always = sim::Fault{FaultKind::cut, 3000};
  const JobId a = s.enqueue("a", {"x"}, {.minimum_retry_delay = 5});
  s.run(100s);
  ASSERT_EQ(s.row(a).state, JobState::error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_INSUFFICIENT_RANGE_SUPPORT);
  // Cut once more, then whole: as many beginnings as after the first start are allowed.
  x.always.reset();
  x.fault({FaultKind::cut, 3000}).fault({FaultKind::cut, 3000});
  s.start(a);
  s.run(100s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

}  // namespace
}  // namespace backhaul::stories
