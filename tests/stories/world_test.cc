// SPDX-License-Identifier: Apache-2.0
// What the world allows: cost, login pages, power, sleep, hours. A job that may not transfer pauses,
// says why, and goes on by itself.
#include "core/cost.h"
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

namespace cost = core::cost;
using core::Surroundings;

const Surroundings metered{.cost = cost::capped_usage_unknown};
const Surroundings roaming{.cost = cost::capped_usage_unknown | cost::roaming};

JobChange with_cost(std::uint32_t flags) {
  JobChange change;
  change.cost_flags = flags;
  return change;
}

JobChange with_priority(base::Priority priority) {
  JobChange change;
  change.priority = static_cast<std::uint32_t>(priority);
  return change;
}

TEST(World, ANetworkThatCostsMorePausesTheJobInMidTransferAndNoErrorIsCounted) {
  Story s;
  s.serve("x", 5000);
  s.serve("y", 1000);
  const JobId a = s.enqueue("a", {"x"}, with_cost(cost::only_unrestricted));
  const JobId b = s.enqueue("b", {"y"});
  s.run(3s);
  s.world.machine.set(metered);
  s.run(10s);
  EXPECT_EQ(s.waiting(a),
            "waiting for another network: this one is metered, and the job takes unrestricted for 10 s");
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY);
  EXPECT_EQ(s.row(a).error_count, 0U);
  EXPECT_FALSE(s.row(a).retry) << "no timer helps";
  EXPECT_EQ(s.row(b).state, JobState::transferred) << "the others go on";
  s.world.machine.set({});
  s.run(10s);
  EXPECT_EQ(s.told_of("a is"), R"(
0 a is queued
0 a is connecting
1 a is transferring
3 a is transient-error BG_E_BLOCKED_BY_COST_TRANSFER_POLICY
13 a is queued
13 a is connecting
14 a is transferring
17 a is transferred
)");
}

TEST(World, WhatAJobMayCostTakesEffectAtOnce) {
  Story s;
  s.world.machine.set(metered);
  s.serve("x", 5000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(3s);
  EXPECT_EQ(s.row(a).state, JobState::transferring) << "standard takes a metered network";
  s.change(a, with_cost(cost::only_unrestricted));
  s.run(0s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  s.change(a, with_cost(0));
  s.run(2s);
  EXPECT_EQ(s.row(a).state, JobState::transferring);
}

TEST(World, AJobThatNeverSetAnyFollowsItsPriority) {
  Story s;
  s.world.machine.set({.cost = cost::overcap_charged});
  s.serve("x", 5000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(3s);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY);
  s.change(a, with_priority(base::Priority::foreground));
  s.run(3s);
  EXPECT_EQ(s.row(a).state, JobState::transferring);
  s.world.machine.set(roaming);
  s.run(1s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
}

TEST(World, ANetworkThatComesUpWakesNobodyWhomSomethingElseBars) {
  Story s;
  s.world.machine.set(roaming);
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(1s);
  s.world.set_network(false);
  s.run(1s);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_NETWORK_DISCONNECTED) << "GetError tells what holds";
  s.world.set_network(true);
  s.run(1s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY);
  s.world.machine.set({});
  s.run(3s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(World, WhatBarredAJobMayEndWhileTheServiceIsDown) {
  Story s;
  s.world.machine.set(roaming);
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(1s);
  s.crash();
  s.run(5s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error) << "it has not ended";
  s.world.kill_service();
  s.world.machine.set({});
  s.world.start_service();
  s.run(3s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(World, ALoginPageIsWaitedForAndNotFetched) {
  Story s;
  s.world.machine.set({.connectivity = core::Connectivity::portal});
  s.world.origin.serve("http://far.example/x", 1000);
  ports::command::Enqueue command;
  command.properties.name = "a";
  command.files = {{"http://far.example/x", "/d/x"}};
  command.start = true;
  const sim::Call& call = s.world.submit("Enqueue", s.alice.caller(), command);
  s.run(10s);
  const JobId a = std::get<JobId>(call.reply->value());
  EXPECT_EQ(s.waiting(a), "waiting for somebody to log in to the network, which shows a login page for 10 s");
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_NETWORK_DISCONNECTED);
  s.world.machine.set({});
  s.run(3s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(World, PowerSavingStopsWhatIsInTheBackground) {
  Story s;
  s.serve("x", 5000);
  s.serve("y", 5000);
  const JobId a = s.enqueue("a", {"x"});
  const JobId b = s.enqueue("b", {"y"}, with_priority(base::Priority::foreground));
  s.run(2s);
  s.world.machine.set({.power_saver = true});
  s.run(1s);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_BLOCKED_BY_BATTERY_SAVER);
  EXPECT_EQ(s.row(b).state, JobState::transferring);
  s.world.machine.set({.on_battery = true});
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred) << "a battery alone stops nobody, as shipped";
}

TEST(World, WhoGoesToSleepStoresWhatIsThereAndIsLetGoOnce) {
  Story s;
  s.serve("x", 5000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(3s);
  s.world.machine.set({.going_to_sleep = true});
  s.run(1s);
  EXPECT_EQ(s.row(a).state, JobState::queued) << "it only gave its turn back";
  EXPECT_EQ(s.waiting(a), "waiting until the machine has slept");
  EXPECT_GT(s.file(a, 0).stored.total(), 0U);
  EXPECT_EQ(s.world.machine.let_sleep_count(), 1);
  s.run(10s);
  EXPECT_EQ(s.world.machine.let_sleep_count(), 1);
  s.world.machine.set({});
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(World, AMachineWithNothingToDoIsLetSleepAtOnce) {
  Story s;
  s.run(1s);
  s.world.machine.set({.going_to_sleep = true});
  s.run(1s);
  EXPECT_EQ(s.world.machine.let_sleep_count(), 1);
}

TEST(World, AJobHoldsTheMachineAwakeOnlyWhileItRuns) {
  Story s;
  s.serve("x", 2000);
  s.serve("y", 2000);
  JobChange awake;
  awake.keep_awake = true;
  const JobId a = s.enqueue("a", {"x"}, awake);
  s.enqueue("b", {"y"});
  s.run(1s);
  EXPECT_TRUE(s.world.machine.awake());
  s.suspend(a);
  s.run(1s);
  EXPECT_FALSE(s.world.machine.awake());
  s.start(a);
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_FALSE(s.world.machine.awake());
}

TEST(World, HoursWithoutBandwidthPauseUntilTheyEnd) {
  engine::Settings settings;
  core::Bandwidth& bandwidth = settings.policy.bandwidth[0];
  bandwidth.limit = 0;
  // The simulated clock begins at 8 o'clock.
  bandwidth.hours = {.first_day = 0, .last_day = 6, .from = 8, .to = 9};
  bandwidth.where = "backhauld.conf:2";
  Story s(settings);
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(1s);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_BLOCKED_BY_POLICY);
  EXPECT_EQ(s.waiting(a), "the bandwidth schedule leaves its priority nothing now; it goes on in 59 min 59 s");
  s.run(1h + 3s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

// The simulated clock begins at 8 o'clock.
engine::Settings kept_to(std::uint32_t kilobits, core::WeeklyHours hours) {
  engine::Settings settings;
  core::Bandwidth& bandwidth = settings.policy.bandwidth[0];
  bandwidth.limit = kilobits;
  bandwidth.hours = hours;
  bandwidth.where = "backhauld.conf:2";
  return settings;
}

std::uint64_t done(Story& s, const JobId& job) {
  return s.world.service().progress(s.row(job)).bytes_transferred;
}

TEST(World, BackgroundJobsAreKeptToTheirBandwidthAndForegroundOnesAreNot) {
  Story s(kept_to(80, {.first_day = 0, .last_day = 6, .from = 8, .to = 17}));
  s.serve("x", 10'000'000).rate = 1'000'000;
  s.serve("y", 10'000'000).rate = 1'000'000;
  const JobId a = s.enqueue("a", {"x"});
  s.run(1s);
  for (int tens = 0; tens < 3; ++tens) {
    const std::uint64_t before = done(s, a);
    s.run(10s);
    EXPECT_NEAR(static_cast<double>(done(s, a) - before), 100'000, 5'000);
  }
  const JobId b = s.enqueue("b", {"y"}, with_priority(base::Priority::foreground));
  s.run(15s);
  EXPECT_EQ(s.row(b).state, JobState::transferred);
  const ports::Progress progress = s.world.service().progress(s.row(a));
  EXPECT_NEAR(static_cast<double>(progress.rate), 10'000, 1'000);
  EXPECT_NEAR(static_cast<double>(progress.average_rate), 10'000, 1'000);
  ASSERT_TRUE(progress.left);
  EXPECT_NEAR(static_cast<double>(progress.left->count()), 955, 100);
  std::string text;
  for (const core::Cause& cause : s.world.service().explain(s.row(a), {.uid = 1000}))
    text += cause.sentence + " [" + cause.where + "]\n";
  EXPECT_EQ(text, "it waits for nothing: transferring from host []\n"
                  "jobs of normal priority are kept to 80 kbit/s now [backhauld.conf:2]\n");
  // Another priority holds at once, in mid-transfer.
  s.change(a, with_priority(base::Priority::foreground));
  s.run(12s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(World, TheBandwidthFollowsTheHoursAndTheSettingsThatAreReadAgain) {
  Story s(kept_to(8, {.first_day = 0, .last_day = 6, .from = 8, .to = 9}));
  s.serve("x", 30'000'000).rate = 100'000;
  const JobId a = s.enqueue("a", {"x"});
  s.run(11s);
  EXPECT_NEAR(static_cast<double>(done(s, a)), 10'000, 1'500);
  s.suspend(a);
  s.run(59min);
  s.start(a);
  s.run(2min);
  EXPECT_GT(done(s, a), 5'000'000U) << "it is past 9 o'clock";
  core::Policy policy;
  policy.bandwidth[1].limit = 80;
  s.world.service().post(ports::PolicyChanged{policy});
  s.run(1s);
  const std::uint64_t before = done(s, a);
  s.run(10s);
  EXPECT_NEAR(static_cast<double>(done(s, a) - before), 100'000, 5'000);
  policy.bandwidth[1].limit = 0;
  s.world.service().post(ports::PolicyChanged{policy});
  s.run(1s);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_BLOCKED_BY_POLICY);
  s.world.service().post(ports::PolicyChanged{});
  s.run(300s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(World, WhatDidNotHaveToBeFetchedAgainIsCountedAlsoOverACrash) {
  Story s;
  s.serve("x", 10'000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(5s);
  EXPECT_EQ(s.row(a).rare->bytes_resumed, 0U);
  s.suspend(a);
  s.run(1s);
  const std::uint64_t first = s.row(a).files.bytes_stored;
  s.start(a);
  s.run(4s);
  EXPECT_EQ(s.row(a).rare->bytes_resumed, first);
  s.crash();
  s.run(30s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
  EXPECT_GT(s.row(a).rare->bytes_resumed, 2 * first);
  EXPECT_LT(s.row(a).rare->bytes_resumed, 20'000U);
}

TEST(World, TheWholeChainIsExplained) {
  engine::Settings settings;
  settings.policy.cost[2] = {cost::only_unrestricted, "/etc/backhaul/backhauld.conf:7"};
  Story s(settings);
  s.serve("x", 90'000);
  s.serve("y", 1000);
  s.serve("z", 1000);
  const JobId a = s.enqueue("a", {"x"});
  const JobId b = s.enqueue("b", {"y"});
  s.run(2s);
  const ports::Caller caller{.uid = 1000};
  const auto explain = [&](const JobId& job) {
    std::string text = "\n";
    for (const core::Cause& cause : s.world.service().explain(s.row(job), caller))
      text += std::string(core::to_word(cause.subject)) + ": " + cause.sentence + " [" + cause.where + "]\n";
    return text;
  };
  EXPECT_EQ(explain(a), "\njob: it waits for nothing: transferring from host []\n");
  EXPECT_EQ(explain(b), R"(
job: waiting for its turn for 2 s []
before: "a" is being served, of normal priority []
policy: background jobs transfer one at a time, 60 s each of those of one priority [built in]
)");
  s.world.machine.set(metered);
  s.run(1s);
  EXPECT_EQ(explain(b), R"(
job: waiting for another network: this one is metered, and the job takes unrestricted for 1 s []
world: the network is metered [NetworkManager]
policy: jobs of normal priority take unrestricted [/etc/backhaul/backhauld.conf:7]
)");
}

}  // namespace
}  // namespace backhaul::stories
