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

}  // namespace
}  // namespace backhaul::parts
