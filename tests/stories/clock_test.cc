// SPDX-License-Identifier: Apache-2.0
// Stories about clocks: what ends or deletes a job counts the time that the service ran. Whoever sets
// the wall clock, or switches the machine off for a year, changes nothing.

#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

using std::chrono::days;

const base::WallTime in_1972{std::chrono::hours(24 * 365 * 2)};
const base::WallTime today{std::chrono::seconds(1'800'000'000)};

struct Clocks : ::testing::Test {
  Story s;

  void be_off_for(base::Microseconds time) {
    s.world.stop_service();
    s.run(0s);
    s.run(time);
    s.world.start_service();
    s.run(0s);
  }
  bool is_there(const JobId& job) { return s.world.store.find(job) != nullptr; }
};

TEST_F(Clocks, JobsOf1972LiveOnWhenTheClockIsSetRight) {
  s.world.clock.set_wall_to(in_1972);
  s.serve("x", 5000);
  s.serve("y", 5000);
  s.serve("z", 1000).always = sim::Fault{FaultKind::refuse};
  const JobId idle = s.create("idle", {"y"});
  const JobId part = s.enqueue("part", {"x"});
  s.run(4s);
  s.suspend(part);
  const JobId stuck = s.enqueue("stuck", {"z"});
  s.run(1h);
  for (const bool restarts : {false, true}) {
    s.world.clock.set_wall_to(today);
    if (restarts) s.lose_power();
    s.run(days(2));
    for (const JobId& job : {idle, part, stuck}) ASSERT_TRUE(is_there(job)) << restarts;
    EXPECT_EQ(s.row(part).state, JobState::suspended);
    EXPECT_EQ(s.row(stuck).state, JobState::transient_error);
    EXPECT_EQ(s.files_on_disk(), 2U) << "the parts of two";
    s.world.clock.set_wall_to(in_1972);
  }
  s.start(part);
  s.run(10s);
  EXPECT_EQ(s.row(part).state, JobState::transferred);
}

TEST_F(Clocks, AHundredDaysAheadAndBackChangeNothing) {
  s.serve("z", 1000).always = sim::Fault{FaultKind::refuse};
  const JobId idle = s.create("idle", {"z"});
  const JobId stuck = s.enqueue("stuck", {"z"});
  s.run(1h);
  for (const auto ahead : {days(100), days(-100), days(100)}) {
    s.world.clock.set_wall(ahead);
    s.run(1h);
    s.lose_power();
    s.run(1h);
    ASSERT_TRUE(is_there(idle) && is_there(stuck));
    EXPECT_EQ(s.row(stuck).state, JobState::transient_error);
  }
}

TEST_F(Clocks, WhileTheServiceIsOffNothingCounts) {
  s.serve("z", 1000).always = sim::Fault{FaultKind::refuse};
  const JobId idle = s.create("idle", {"z"});
  const JobId stuck = s.enqueue("stuck", {"z"}, {.no_progress_timeout = 3 * 24 * 3600});
  s.run(days(2));
  be_off_for(days(365));
  s.run(days(1) - 1min);
  ASSERT_TRUE(is_there(idle));
  EXPECT_EQ(s.row(stuck).state, JobState::transient_error) << "2 of 3 days are over";
  s.run(2min);
  EXPECT_EQ(s.row(stuck).state, JobState::error) << "and now the third";
  s.run(days(87) - 1h);
  ASSERT_TRUE(is_there(idle));
  s.run(2h + s.world.settings.inactivity_scan);
  EXPECT_FALSE(is_there(idle)) << "90 days that the service ran";
}

TEST_F(Clocks, AnOrderlyStopLosesNothingAndACrashLessThanTwoScans) {
  const JobId idle = s.create("idle", {});
  const base::Microseconds hour = s.world.settings.inactivity_scan;
  for (int day = 0; day < 89; ++day) {
    s.run(days(1));
    be_off_for(days(1));
  }
  s.run(days(1) - 1h);
  ASSERT_TRUE(is_there(idle));
  s.run(1h + hour);
  EXPECT_FALSE(is_there(idle));

  const JobId crashed = s.create("crashed", {});
  s.run(days(89));
  const base::ServiceTime before = s.row(crashed).active;
  s.crash();
  const auto snapshot = s.world.store.load();
  EXPECT_GE(snapshot->service_time - before, days(89) - 2 * hour);
  EXPECT_LE(snapshot->service_time - before, days(89)) << "never counted too much";
  s.run(days(1) - 1h);
  ASSERT_TRUE(is_there(crashed));
  s.run(1h + 3 * hour);
  EXPECT_FALSE(is_there(crashed));
}

// One number of one row, as a disk may change it: the clock does not go by it.
TEST_F(Clocks, AMomentOfARowThatLiesAheadIsNobodysEnd) {
  s.serve("z", 1000).always = sim::Fault{FaultKind::refuse};
  const JobId active = s.create("active", {"z"});
  const JobId stuck = s.enqueue("stuck", {"z"});
  const JobId other = s.create("other", {"z"});
  s.run(2h);
  s.world.stop_service();
  s.run(0s);
  const base::Microseconds far = days(200'000);
  s.world.store.tamper(active).job.active += far;
  s.world.store.tamper(stuck).job.stuck = core::Stuck{.since = base::ServiceTime(far)};
  s.world.start_service();
  s.run(1h);
  EXPECT_TRUE(is_there(other) && is_there(active));
  EXPECT_EQ(s.row(stuck).state, JobState::transient_error);
  s.run(days(91));
  EXPECT_FALSE(is_there(active)) << "it is inactive like any other";
}

// The time is kept with what is written anyway, and once an hour where nothing is.
TEST_F(Clocks, CountingCostsNoWritesOfItsOwn) {
  for (int i = 0; i < 50; ++i) s.create("j" + std::to_string(i), {});
  s.run(1h);
  const std::uint64_t before = s.world.store.commits();
  s.run(days(1));
  EXPECT_LE(s.world.store.commits() - before, 24U);
  EXPECT_GE(s.world.store.commits() - before, 12U);
}

TEST_F(Clocks, WhatAJobHasUsedOfItsTimeSurvivesAStop) {
  s.serve("x", 1'000'000);
  const JobId a = s.enqueue("a", {"x"}, {.maximum_download_time = 100});
  s.run(60s);
  be_off_for(1h);
  s.run(39s);
  EXPECT_EQ(s.row(a).state, JobState::transferring);
  s.run(2s);
  EXPECT_EQ(s.row(a).state, JobState::error);
}

TEST_F(Clocks, WaitingTellsTimesThatCanBeHoweverTheClockIsSet) {
  s.serve("z", 1000).always = sim::Fault{FaultKind::refuse};
  s.world.clock.set_wall_to(in_1972);
  const JobId idle = s.create("idle", {"z"});
  const JobId stuck = s.enqueue("stuck", {"z"});
  s.run(4min);
  for (const base::WallTime set : {today, today + days(100), in_1972, today}) {
    s.world.clock.set_wall_to(set);  // and no turn since
    EXPECT_EQ(s.waiting(idle), "suspended for 4 min; waiting to be started");
    EXPECT_EQ(s.waiting(stuck), "retry in 6 min 1 s after refused");
  }
  s.run(2min);
  EXPECT_EQ(s.waiting(idle), "suspended for 6 min; waiting to be started");
}

TEST_F(Clocks, WaitingForAServerTellsTimesThatCanBeHoweverTheClockIsSet) {
  s.serve("z", 1000).fault({sim::FaultKind::status, 503, 600s});
  const JobId held = s.enqueue("held", {"z"});
  s.run(1s);
  for (const base::WallTime set : {today, today + days(100), in_1972, today}) {
    s.world.clock.set_wall_to(set);  // and no turn since
    EXPECT_EQ(s.waiting(held), "host says to come back later (Retry-After); next try in 10 min");
  }
}

TEST_F(Clocks, WaitingSinceStandsStillWhileNobodySetsTheClock) {
  const JobId idle = s.create("idle", {"z"});
  const base::WallTime since = s.world.service().waiting(s.row(idle)).since;
  s.run(5h);
  EXPECT_EQ(s.world.service().waiting(s.row(idle)).since, since);
  EXPECT_EQ(since, s.row(idle).created);
}

}  // namespace
}  // namespace backhaul::stories
