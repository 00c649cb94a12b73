// SPDX-License-Identifier: Apache-2.0
#include "core/leave.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

namespace backhaul::core {
namespace {

using Numbers = std::set<std::uint64_t>;

Asking ask(std::uint64_t number, std::uint32_t uid = 1000, std::uint32_t priority = 0) {
  return {.number = number, .uid = uid, .priority = priority};
}

TEST(Leave, TwoMayGoOnAndOneBesideAJobOfTheQueue) {
  const std::vector<Asking> all{ask(1), ask(2), ask(3)};
  EXPECT_EQ(may_go_on(all, {}), (Numbers{1, 2}));
  EXPECT_EQ(may_go_on(all, {.own_background = true}), (Numbers{1}));
  EXPECT_EQ(may_go_on(all, {.allowed = false}), Numbers());
  EXPECT_EQ(may_go_on({}, {}), Numbers());
}

TEST(Leave, TheHigherPriorityGoesFirstAndThenWhoAskedFirst) {
  const std::vector<Asking> all{ask(1), ask(2, 1000, 7), ask(3, 1000, 7), ask(4, 1000, 9)};
  EXPECT_EQ(may_go_on(all, {}), (Numbers{2, 4}));
}

TEST(Leave, WhoWouldLoseByAPauseGoesOn) {
  std::vector<Asking> all{ask(1), ask(2), ask(3, 1000, 9)};
  all[0].active = all[1].active = true;
  all[1].resumable = true;
  EXPECT_EQ(may_go_on(all, {}), (Numbers{1, 3}));
  EXPECT_EQ(may_go_on(all, {.allowed = false}), Numbers()) << "what is laid down goes before that";
}

TEST(Leave, OneAccountDoesNotTakeAllOfIt) {
  const std::vector<Asking> all{ask(1, 1000, 9), ask(2, 1000, 9), ask(3, 1001)};
  EXPECT_EQ(may_go_on(all, {}), (Numbers{1, 3}));
}

TEST(Leave, IsGivenAsAJobOfUsualPriorityWouldBeAdmitted) {
  World world;
  Policy policy;
  const base::WallTime now{};
  EXPECT_TRUE(may_fetch_from_afar(world, policy, now));
  world.network_up = false;
  EXPECT_FALSE(may_fetch_from_afar(world, policy, now));
  world = {};
  world.around.connectivity = Connectivity::portal;
  EXPECT_FALSE(may_fetch_from_afar(world, policy, now));
  world = {};
  world.around.power_saver = true;
  EXPECT_FALSE(may_fetch_from_afar(world, policy, now));
  world = {};
  world.around.cost = cost::roaming;
  EXPECT_FALSE(may_fetch_from_afar(world, policy, now));
}

TEST(Leave, RulesOfOriginsAreForJobsAlone) {
  Policy policy;
  RequestRules rules;
  rules.origins.rules[0].where = "/etc/backhaul/backhauld.conf:2";  // and none is named
  policy.requests = std::make_shared<const RequestRules>(rules);
  EXPECT_TRUE(may_fetch_from_afar({}, policy, {}));
}

}  // namespace
}  // namespace backhaul::core
