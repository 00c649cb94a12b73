// SPDX-License-Identifier: Apache-2.0
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

using Conditions = Rig;

TEST_F(Conditions, AShortageLastsLongerEachTimeUntilThereWasRoom) {
  engine::Conditions conditions;
  base::BootTime now{};
  const auto code = base::Code::TOO_MANY_OPEN_FILES;
  for (const auto pause : {5s, 10s, 20s, 40s, 60s, 60s}) {
    EXPECT_TRUE(conditions.run_short(code, now, 5s));
    EXPECT_FALSE(conditions.run_short(code, now, 5s)) << "others ran into it as well";
    EXPECT_EQ(conditions.next(now), now + pause);
    conditions.had_room(now);
    EXPECT_TRUE(conditions.is_short(now)) << "it may have been room from before";
    now += pause;
  }
  conditions.had_room(now);
  EXPECT_EQ(conditions.shortage, std::nullopt);
  EXPECT_EQ(conditions.next(now), base::never);
}

TEST_F(Conditions, ALostNetworkStopsJobsInTheTurnInWhichItIsHeardOf) {
  const JobId job = add_running();
  const auto effects = turn([&](Draft& draft) { on(draft, ports::NetworkChanged{false}); });
  EXPECT_TRUE(has<effect::ClosePart>(effects));
  EXPECT_EQ(row(job).state, JobState::transient_error);
  EXPECT_FALSE(parts.conditions.world.network_up);
  Draft dropped = draft();
  on(dropped, ports::NetworkChanged{true});
  EXPECT_TRUE(dropped.conditions.world.network_up);
  EXPECT_FALSE(parts.conditions.world.network_up) << "it was not committed";
}

TEST_F(Conditions, NobodyIsGivenATurnBeforeTheMachineHasAnswered) {
  parts.conditions.known = false;
  const JobId job = add(JobState::queued);
  turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
  EXPECT_EQ(row(job).state, JobState::queued);
  turn([&](Draft& draft) {
    on(draft, ports::SurroundingsChanged{});
    parts.scheduling.schedule(draft);
  });
  EXPECT_EQ(row(job).state, JobState::connecting);
}

TEST_F(Conditions, TheMachineIsToldOnceWhetherAJobHoldsItAwake) {
  const JobId job = add(JobState::queued);
  turn([&](Draft& draft) { draft.edit(job, engine::Weight::hard).rare.edit().keep_awake = true; });
  const auto begun = turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
  ASSERT_EQ(all<effect::KeepAwake>(begun).size(), 1U);
  EXPECT_TRUE(all<effect::KeepAwake>(begun).front().awake);
  EXPECT_FALSE(has<effect::KeepAwake>(turn([](Draft&) {})));
  const auto barred = turn([&](Draft& draft) { on(draft, ports::NetworkChanged{false}); });
  ASSERT_EQ(all<effect::KeepAwake>(barred).size(), 1U);
  EXPECT_FALSE(all<effect::KeepAwake>(barred).front().awake);
}

TEST_F(Conditions, TransfersAreToldOfAnotherBandwidthOnceAndNotBeforeTheCommit) {
  core::Policy policy;
  policy.bandwidth[0].limit = 80;
  policy.bandwidth[0].hours = {};  // always
  const auto told = turn([&](Draft& draft) { on(draft, ports::PolicyChanged{policy}); });
  ASSERT_EQ(all<effect::LimitRates>(told).size(), 1U);
  EXPECT_EQ(all<effect::LimitRates>(told).front().limits.octets[2], 10'000U);
  EXPECT_FALSE(has<effect::LimitRates>(
      turn([&](Draft& draft) { on(draft, ports::PolicyChanged{policy}); })))
      << "it is the same";
  Draft dropped = draft();
  on(dropped, ports::PolicyChanged{});
  EXPECT_NE(parts.conditions.limits, core::RateLimits()) << "it was not committed";
}

TEST_F(Conditions, WhatIsLaidDownIsSaidAndDoneWithItsCommitAndNotBefore) {
  const JobId job = add_running();
  core::Policy policy;
  policy.bandwidth[0].limit = 80;
  ports::PolicyChanged read{policy, {"/etc/x.conf:1: unknown setting [Jobs] X"}};
  ASSERT_TRUE(policy.goes_by_hours());
  const engine::Parts before = parts;
  const auto in_force = context.policy;
  Draft dropped = draft();
  on(dropped, read);
  settle(dropped);
  EXPECT_TRUE(parts == before) << "it was not committed";
  EXPECT_EQ(context.policy, in_force);
  EXPECT_EQ(row(job).state, JobState::connecting);
  ASSERT_EQ(dropped.kept().size(), 1U) << "it is heard again";
  EXPECT_EQ(std::get<ports::PolicyChanged>(std::get<ports::Event>(dropped.kept().front())).warnings, read.warnings);
  const auto effects = turn([&](Draft& draft) { on(draft, read); });
  ASSERT_EQ(all<effect::Log>(effects).size(), 2U);
  EXPECT_EQ(all<effect::Log>(effects)[0].text, read.warnings.front());
  EXPECT_EQ(all<effect::Log>(effects)[1].text, "the settings were read again");
  ASSERT_EQ(all<effect::FollowLocalTime>(effects).size(), 1U);
  EXPECT_TRUE(all<effect::FollowLocalTime>(effects).front().follow);
  EXPECT_FALSE(has<effect::FollowLocalTime>(turn([&](Draft& draft) { on(draft, read); }))) << "it is so already";
  const auto back = all<effect::FollowLocalTime>(turn([&](Draft& draft) { on(draft, ports::PolicyChanged{}); }));
  ASSERT_EQ(back.size(), 1U);
  EXPECT_FALSE(back.front().follow);
}

TEST_F(Conditions, WhatCameIsCountedAtOnceAndToldToTheStoreOnceASecond) {
  core::Policy policy;
  policy.budgets[0][""].limit = 1'000;
  turn([&](Draft& draft) { on(draft, ports::PolicyChanged{policy}); });
  const core::Owner owner{.uid = 1000};
  Draft dropped = draft();
  on(dropped, ports::Received{owner, 400});
  EXPECT_TRUE(parts.conditions.world.spent->empty()) << "it was not committed";
  EXPECT_EQ(dropped.kept().size(), 1U) << "it is heard again";
  Draft first = draft();
  on(first, ports::Received{owner, 400});
  on(first, ports::Received{owner, 100});
  const bool at_once = first.conditions.stored_at + engine::Conditions::checkpoint <= first.now().boot;
  EXPECT_EQ(first.needs_commit(), at_once);
  ASSERT_EQ(first.batch().usage.size(), 1U);
  EXPECT_EQ(first.batch().usage[0].octets, 500U);
  first.conditions.was_stored(first.now().boot);
  commit(first);
  Draft second = draft();
  EXPECT_TRUE(second.batch().usage.empty()) << "the store has it";
  on(second, ports::Received{owner, 1});
  EXPECT_FALSE(second.needs_commit()) << "it can wait";
  EXPECT_EQ(second.conditions.next(second.now().boot), second.now().boot + engine::Conditions::checkpoint);
}

TEST_F(Conditions, WithoutABudgetNothingIsCounted) {
  turn([&](Draft& draft) { on(draft, ports::Received{{.uid = 1000}, 400}); });
  EXPECT_TRUE(parts.conditions.world.spent->empty());
}

TEST_F(Conditions, ABudgetThatIsUsedUpStopsJobsInTheTurnInWhichItIsHeardOf) {
  core::Policy policy;
  policy.budgets[0][""].limit = 1'000;
  turn([&](Draft& draft) { on(draft, ports::PolicyChanged{policy}); });
  const JobId job = add(JobState::queued, "x", "far.example.org");
  turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
  ASSERT_EQ(row(job).state, JobState::connecting);
  const auto effects = turn([&](Draft& draft) { on(draft, ports::Received{{.uid = 7}, 1'000}); });
  EXPECT_TRUE(has<effect::ClosePart>(effects));
  EXPECT_EQ(row(job).state, JobState::transient_error);
}

// What programs are told that download by themselves.
TEST_F(Conditions, LeaveIsGivenAsTheWorldAllowsAndBesideWhatMoves) {
  const auto told = [&](const auto& say) { return all<effect::GiveLeave>(turn(say)); };
  EXPECT_TRUE(told([](Draft&) {}).empty()) << "it is so at the beginning";
  auto leave = told([](Draft& draft) { on(draft, ports::NetworkChanged{false}); });
  ASSERT_EQ(leave.size(), 1U);
  EXPECT_FALSE(leave[0].leave.allowed);
  leave = told([](Draft& draft) { on(draft, ports::NetworkChanged{true}); });
  ASSERT_EQ(leave.size(), 1U);
  EXPECT_TRUE(leave[0].leave.allowed);
  EXPECT_FALSE(leave[0].leave.own_background);
  add_running();
  leave = told([](Draft&) {});
  EXPECT_TRUE(parts.conditions.leave.own_background);
}

}  // namespace
}  // namespace backhaul::parts
