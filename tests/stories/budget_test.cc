// SPDX-License-Identifier: Apache-2.0
// What may come over a network in a period: used up it is a pause, and nobody's end.
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

using core::Budget;

engine::Settings limited(Budget budget, const std::string& network = {}) {
  engine::Settings settings;
  budget.where = "conf:2";
  settings.policy.budgets[0][network] = budget;
  return settings;
}

JobId far(Story& s, const std::string& name, std::uint64_t size, JobChange properties = {}) {
  const std::string url = "http://far.example.org/" + name;
  s.world.origin.serve(url, size);
  return s.enqueue_files(name, {{url, "/d/" + name}}, std::move(properties));
}

JobChange in_foreground() {
  JobChange change;
  change.priority = 0;
  return change;
}

TEST(Budgets, WhatIsUsedUpIsAPauseUntilTheNextPeriod) {
  Story s(limited({.limit = 5'000, .period = core::Period::day}));
  const JobId a = far(s, "x", 9'000);
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_BLOCKED_BY_POLICY);
  EXPECT_EQ(s.row(a).error_count, 0U);
  EXPECT_FALSE(s.row(a).retry) << "no timer helps";
  EXPECT_NEAR(static_cast<double>(s.row(a).files.bytes_stored), 5'000, 1'100);
  EXPECT_EQ(s.waiting(a).substr(0, 46), "the data budget of the network eth0 is used up");
  EXPECT_NE(s.waiting(a).find("; it goes on in "), std::string::npos);
  s.run(24h);
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Budgets, ForegroundIsCountedAndHeldOnlyWhereThatIsSaid) {
  for (const bool holds : {false, true}) {
    Story s(limited({.limit = 5'000, .holds_foreground = holds}));
    const JobId a = far(s, "x", 9'000, in_foreground());
    s.run(20s);
    EXPECT_EQ(s.row(a).state, holds ? JobState::transient_error : JobState::transferred);
    const JobId b = far(s, "y", 1'000);
    s.run(20s);
    EXPECT_EQ(s.row(b).state, JobState::transient_error) << "nothing is left for it";
  }
}

TEST(Budgets, AreOfTheNetworkInUseAndNotOfTheOwnOne) {
  Story s(limited({.limit = 0}, "Phone"));
  s.serve("near", 1'000);
  s.world.machine.set({.connection = "Phone"});
  s.run(1s);
  const JobId a = far(s, "x", 3'000);
  const JobId b = s.enqueue("near", {"near"});
  s.run(10s);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_BLOCKED_BY_POLICY);
  EXPECT_EQ(s.row(b).state, JobState::transferred) << "what is near costs nothing";
  s.world.machine.set({.connection = "Home"});
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Budgets, WithoutNetworkManagerTheRouteSaysWhichNetworkItIs) {
  Story s(limited({.limit = 0}, "eth0"));
  const JobId a = far(s, "x", 3'000);
  s.run(5s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  s.world.environment.set(core::Route{"wlan0", "10.0.0.1"});
  s.run(10s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

TEST(Budgets, WhatWasCountedOutlastsACrashAndAClockThatIsSetBack) {
  Story s(limited({.limit = 5'000}));
  const JobId a = far(s, "x", 20'000);
  s.run(30s);
  ASSERT_EQ(s.row(a).state, JobState::transient_error);
  s.crash();
  s.run(30s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error) << "it is used up still";
  const std::uint64_t stored = s.row(a).files.bytes_stored;
  s.world.clock.set_wall(-48h);
  s.run(2h);
  s.world.clock.set_wall(48h);
  s.run(2h);
  EXPECT_LE(s.row(a).files.bytes_stored, stored + 5'100) << "at most the month before, which was never used";
  EXPECT_NE(s.row(a).state, JobState::error);
}

TEST(Budgets, ACrashInMidTransferLosesNoMoreThanACheckpointOfTheCount) {
  Story s(limited({.limit = 1'000'000}));
  far(s, "x", 30'000);
  s.run(12s);
  const auto used = [&] {
    std::uint64_t sum = 0;
    for (const auto& status : s.world.service().budgets({.uid = 1000})) sum += status.used;
    return sum;
  };
  const std::uint64_t before = used();
  EXPECT_GT(before, 9'000U);
  s.crash();
  EXPECT_GE(used() + 1'500, before);
  s.run(3s);
  EXPECT_GE(used(), before);
}

TEST(Budgets, EachOwnerHasItsOwn) {
  Story s(limited({.owner_limit = 5'000}));
  const JobId a = far(s, "x", 9'000);
  s.run(20s);
  EXPECT_EQ(s.row(a).state, JobState::transient_error);
  s.world.origin.serve("http://far.example.org/y", 2'000);
  const auto carols = s.world.service().budgets({.uid = 1001});
  ASSERT_EQ(carols.size(), 1U);
  EXPECT_EQ(carols[0].left(), 5'000U);
  EXPECT_TRUE(carols[0].in_use);
  EXPECT_TRUE(s.world.service().budgets({.uid = 1000})[0].is_used_up());
}

TEST(Budgets, SettingsThatAreReadAgainCountAtOnceAndExplainSaysHowLongItLasts) {
  Story s(limited({.limit = 1'000'000'000}));
  const JobId a = far(s, "x", 30'000);
  s.run(5s);
  std::string text;
  for (const core::Cause& cause : s.world.service().explain(s.row(a), {.uid = 1000}))
    if (cause.kind == "budget") text += cause.sentence + " | " + cause.where;
  EXPECT_NE(text.find(" of 953.7M are used in the month that ends with "), std::string::npos) << text;
  EXPECT_NE(text.find(" | conf:2"), std::string::npos) << text;
  core::Policy policy;
  policy.budgets[1][""].limit = 1'000;
  s.world.service().post(ports::PolicyChanged{policy});
  s.run(1s);
  EXPECT_EQ(s.row(a).error->code, Code::BG_E_BLOCKED_BY_POLICY);
  s.world.service().post(ports::PolicyChanged{});
  s.run(60s);
  EXPECT_EQ(s.row(a).state, JobState::transferred);
}

}  // namespace
}  // namespace backhaul::stories
