// SPDX-License-Identifier: Apache-2.0
// What the simulation of a fleet has to keep, whatever its figures are.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "bench/fleet_network.h"
#include "bench/fleet_others.h"
#include "bench/fleet_world.h"
#include "core/neighbours.h"

namespace backhaul::fleet {
namespace {

Setup of(std::size_t machines) {
  Setup setup;
  setup.machines = machines;
  return setup;
}

double seconds(base::Microseconds time) { return std::chrono::duration<double>(time).count(); }

// Who is waited for got further, or began, no longer ago than the rule allows.
void expect_nobody_waits_too_long(const Outcome& outcome) {
  EXPECT_LT(outcome.longest_standstill_s,
            seconds(std::max(core::NeighbourRules().pending_wait.value, core::stands_still_after)));
}

TEST(Fleet, P12_SixtyFourMachinesAtOnceAllHaveItAndCostTheOriginAFewCopies) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    auto setup = of(64);
    setup.seed = seed;
    const Outcome outcome = run_neighbours(setup);
    EXPECT_EQ(outcome.took.size(), 64U);
    EXPECT_GE(outcome.copies, 1.0);
    EXPECT_LE(outcome.copies, 4.01) << "seed " << seed;
    expect_nobody_waits_too_long(outcome);
  }
}

TEST(Fleet, P12_SixtyFourMachinesOneAfterTheOtherCostOneCopy) {
  auto setup = of(64);
  setup.arrival = Arrival::apart;
  const Outcome outcome = run_neighbours(setup);
  EXPECT_EQ(outcome.took.size(), 64U);
  EXPECT_NEAR(outcome.copies, 1.0, 0.01);
}

TEST(Fleet, TheSameSeedIsTheSameWorld) {
  auto setup = of(64);
  setup.leaving = 0.2;
  setup.liars = 0.05;
  const Outcome one = run_neighbours(setup);
  const Outcome other = run_neighbours(setup);
  EXPECT_EQ(one.done, other.done);
  EXPECT_EQ(one.copies, other.copies);
  EXPECT_EQ(one.questions, other.questions);
  setup.seed = 2;
  EXPECT_NE(one.done, run_neighbours(setup).done);
}

TEST(Fleet, WhoStaysHasItWhateverOthersDo) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    auto setup = of(64);
    setup.seed = seed;
    setup.leaving = 0.3;
    setup.liars = 0.1;
    const Outcome outcome = run_neighbours(setup);
    EXPECT_EQ(outcome.took.size(), outcome.wanting);
    EXPECT_LE(outcome.copies, 64.0);
    expect_nobody_waits_too_long(outcome);
  }
}

TEST(Fleet, P5_ALiarCostsThoseWhomItDeceivedAndNotTheOrigin) {
  auto setup = of(125);
  setup.liars = 0.03;
  const Outcome outcome = run_neighbours(setup);
  EXPECT_EQ(outcome.took.size(), outcome.wanting);
  ASSERT_GT(outcome.deceived, 0U);
  EXPECT_LE(outcome.copies, 5.0);
  setup.origin_after_liar = true;
  EXPECT_GT(run_neighbours(setup).copies, 2 * outcome.copies);
}

TEST(Fleet, WithoutNeighboursEachCostsACopy) {
  auto setup = of(64);
  setup.rules = Rules::alone;
  const Outcome outcome = run_neighbours(setup);
  EXPECT_NEAR(outcome.copies, 64.0, 0.01);
  const double all = 64 * setup.mib * 1024 * 1024 * 8 / (setup.wan_mbit * 1e6);
  EXPECT_NEAR(outcome.done.back(), all, 1.5);
}

TEST(Fleet, NothingIsFasterThanTheBoundOfASwarm) {
  const auto setup = of(64);
  EXPECT_GE(run_neighbours(setup).done.back(), run_swarm(setup).done.back());
  EXPECT_EQ(run_swarm(setup).took.size(), 64U);
  EXPECT_EQ(run_cache(setup, 1000).took.size(), 64U);
}

TEST(FleetNetwork, ALineIsSharedByThoseWhoCanUseIt) {
  // Two at one site and one at another, each behind a line of 10.
  Network network({.origin = 100, .wan = 10, .down = 1000, .give = 30}, {{0, 0}, {0, 0}, {1, 1}}, 2, 2, 3);
  network.from_origin(0, 0, 50);
  network.from_origin(0, 1, 100);
  network.from_origin(0, 2, 10);
  ASSERT_TRUE(network.next());
  EXPECT_DOUBLE_EQ(network.next()->when, 1.0) << "the site of its own gives it ten a second";
  EXPECT_DOUBLE_EQ(network.end(1.0, 2), 10.0);
  EXPECT_DOUBLE_EQ(network.came(4.0, 0), 20.0);
  EXPECT_DOUBLE_EQ(network.next()->when, 10.0);
  EXPECT_DOUBLE_EQ(network.end(10.0, 0), 50.0);
  EXPECT_DOUBLE_EQ(network.next()->when, 15.0) << "the other one has the line for itself";
  network.end(15.0, 1);
  EXPECT_DOUBLE_EQ(network.sent_by_origin(), 160.0);
}

TEST(FleetNetwork, WhoGivesSharesWhatItGives) {
  Network network({.origin = 100, .wan = 100, .down = 25, .give = 30}, {{0, 0}, {0, 0}, {0, 0}}, 1, 1, 3);
  network.from_neighbour(0, 1, 0, 50);
  EXPECT_DOUBLE_EQ(network.next()->when, 2.0) << "it can take no more than 25 a second";
  network.from_neighbour(1, 2, 0, 15);
  EXPECT_DOUBLE_EQ(network.came(2.0, 1), 40.0);
  EXPECT_EQ(network.takers(0), 2U);
  EXPECT_DOUBLE_EQ(network.next()->when, 2.0);
  network.end(2.0, 2);
  EXPECT_NEAR(network.next()->when, 2.4, 1e-9);
}

}  // namespace
}  // namespace backhaul::fleet
