// SPDX-License-Identifier: Apache-2.0
#include "core/admit.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace backhaul::core {
namespace {

using base::Code;
using base::Priority;
using Kind = WaitingKind;

constexpr const char* far_away = "http://example.org/x";
// Wednesday, 2026-07-01, 12:00 UTC.
const base::WallTime noon(std::chrono::sys_days(std::chrono::year(2026) / 7 / 1) +
                          std::chrono::hours(12));

World with(Surroundings around) { return {.network_up = true, .around = around}; }

std::optional<Kind> kind(const Candidate& candidate, const World& world, const Policy& policy = {}) {
  const auto bar = admit(candidate, world, policy, noon);
  return bar ? std::optional(bar->kind) : std::nullopt;
}

TEST(Admit, WhatNobodyTellsForbidsNothing) {
  for (const auto priority :
       {Priority::foreground, Priority::high, Priority::normal, Priority::low})
    EXPECT_EQ(kind({.priority = priority, .address = far_away}, {}), std::nullopt);
}

TEST(Admit, EveryStateOfTheNetworkHasToBeInTheMask) {
  for (std::uint32_t state = 1; state <= cost::states; ++state)
    for (const std::uint32_t mask : {cost::always, cost::not_roaming, cost::no_surcharge,
                                     cost::standard, cost::only_unrestricted, 0x01U, 0x42U}) {
      const auto bar = admit({.cost_flags = mask, .address = far_away}, with({.cost = state}), {}, noon);
      EXPECT_EQ(!bar, (state & mask) == state) << state << " " << mask;
      if (bar) {
        EXPECT_EQ(bar->code, Code::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY);
      }
    }
}

// jobs.md §12: as shipped.
TEST(Admit, WithoutFlagsOfItsOwnAJobFollowsItsPriority) {
  const World roaming = with({.cost = cost::capped_usage_unknown | cost::roaming});
  const World metered = with({.cost = cost::capped_usage_unknown});
  const World charged = with({.cost = cost::overcap_charged});
  for (const auto priority :
       {Priority::foreground, Priority::high, Priority::normal, Priority::low}) {
    EXPECT_EQ(kind({.priority = priority, .address = far_away}, roaming), Kind::cost);
    EXPECT_EQ(kind({.priority = priority, .address = far_away}, metered), std::nullopt);
    EXPECT_EQ(kind({.priority = priority, .address = far_away}, charged),
              priority == Priority::foreground ? std::nullopt : std::optional(Kind::cost));
  }
  EXPECT_EQ(cost_flags_in_force({.priority = Priority::foreground}, {}), cost::not_roaming);
  EXPECT_EQ(cost_flags_in_force({.priority = Priority::low}, {}), cost::standard);
  EXPECT_EQ(cost_flags_in_force({.priority = Priority::low, .cost_flags = cost::always}, {}),
            cost::always);
}

TEST(Admit, ThePolicySaysWhereItStands) {
  Policy policy;
  policy.cost[2] = {cost::only_unrestricted, "/etc/x.conf:7"};
  const World metered = with({.cost = cost::capped_usage_unknown});
  EXPECT_EQ(admit({.address = far_away}, metered, policy, noon)->where, "/etc/x.conf:7");
  EXPECT_EQ(admit({.cost_flags = 1, .address = far_away}, metered, policy, noon)->where, "");
}

TEST(Admit, WithoutANetworkOnlyThisMachineIsAsked) {
  const World down{.network_up = false, .around = {}};
  EXPECT_EQ(kind({.address = far_away}, down), Kind::network);
  EXPECT_EQ(kind({.address = "http://127.0.0.1/x"}, down), std::nullopt);
  EXPECT_EQ(kind({.address = ""}, down), std::nullopt) << "nothing is left to fetch";
  EXPECT_EQ(kind({.address = "file:///x"}, down), std::nullopt);
}

TEST(Admit, ALoginPageIsFetchedFromNobodyFarAway) {
  const World portal = with({.connectivity = Connectivity::portal});
  for (const char* host : {"example.org", "https.example", "8.8.8.8", "172.32.0.1", "[2001:db8::1]"})
    EXPECT_EQ(kind({.address = "http://" + std::string(host) + "/x"}, portal), Kind::login) << host;
  for (const char* host :
       {"localhost", "127.0.0.1", "[::1]", "nas", "printer.local", "box.lan", "10.1.2.3",
        "172.16.0.9", "192.168.178.1", "169.254.1.1", "100.64.0.1", "[fe80::1]", "[fd00::2]"})
    EXPECT_EQ(kind({.address = "http://" + std::string(host) + "/x"}, portal), std::nullopt) << host;
  Policy policy;
  policy.wait_for_login.value = false;
  EXPECT_EQ(kind({.address = far_away}, portal, policy), std::nullopt);
}

TEST(Admit, AJobOfAPersonWaitsForALogonWhereThePolicyAsksForThat) {
  const auto of = [](std::uint32_t uid, std::string account = {}) {
    return Candidate{.address = far_away, .owner = {.uid = uid, .application = {}, .account = std::move(account)}};
  };
  Surroundings around;
  around.logged_on = std::set<std::uint32_t>{1000};
  const World world = with(around);
  EXPECT_EQ(kind(of(1001), world), std::nullopt) << "a job runs on over a logoff";
  Policy policy;
  policy.only_while_logged_on = {true, "/etc/x.conf:3"};
  EXPECT_EQ(kind(of(1001), world, policy), Kind::logon);
  EXPECT_EQ(admit(of(1001), world, policy, noon)->where, "/etc/x.conf:3");
  EXPECT_EQ(kind(of(1000), world, policy), std::nullopt);
  EXPECT_EQ(kind(of(0), world, policy), std::nullopt);
  EXPECT_EQ(kind(of(33), world, policy), std::nullopt) << "who has no session is a service";
  EXPECT_EQ(kind(of(61234, "mirror:unit"), world, policy), std::nullopt) << "a unit is one as well";
  EXPECT_EQ(kind(of(1001), with({}), policy), std::nullopt) << "nobody says who is";
}

// NetworkManager may judge a host wrongly that it does not manage.
TEST(Admit, WhatElseIsSaidOfConnectivityStallsNobody) {
  for (const auto connectivity : {Connectivity::unknown, Connectivity::none, Connectivity::limited,
                                  Connectivity::full})
    EXPECT_EQ(kind({.address = far_away}, with({.connectivity = connectivity})), std::nullopt);
}

TEST(Admit, PowerStopsWhatThePolicySays) {
  using enum PowerRule;
  for (const PowerRule rule : {run, foreground_only, pause})
    for (const auto priority : {Priority::foreground, Priority::high, Priority::low}) {
      const bool forbidden =
          rule == pause || (rule == foreground_only && priority != Priority::foreground);
      Policy policy;
      policy.on_battery = {rule, "b:1"};
      policy.on_power_saver = {rule, "s:1"};
      const Candidate job{.priority = priority, .address = far_away};
      EXPECT_EQ(kind(job, with({.on_battery = true}), policy),
                forbidden ? std::optional(Kind::battery) : std::nullopt);
      EXPECT_EQ(kind(job, with({.power_saver = true}), policy),
                forbidden ? std::optional(Kind::power_saver) : std::nullopt);
    }
  EXPECT_EQ(kind({.address = far_away}, with({.on_battery = true})), std::nullopt) << "as shipped";
  EXPECT_EQ(kind({.address = far_away}, with({.power_saver = true})), Kind::power_saver);
  Policy policy;
  policy.on_battery.value = pause;
  EXPECT_EQ(admit({.address = far_away}, with({.on_battery = true}), policy, noon)->code,
            Code::BG_E_BLOCKED_BY_BATTERY_POLICY);
  EXPECT_EQ(admit({.address = far_away}, with({.power_saver = true}), {}, noon)->code,
            Code::BG_E_BLOCKED_BY_BATTERY_SAVER);
}

TEST(Admit, ASleepingMachineStopsEverything) {
  EXPECT_EQ(kind({.priority = Priority::foreground, .address = "http://localhost/x"},
                 with({.going_to_sleep = true})),
            Kind::sleep);
}

TEST(Admit, ABandwidthOfZeroEndsWithItsHours) {
  Policy policy;
  policy.bandwidth[0].limit = 0;
  policy.bandwidth[0].where = "f:3";
  const auto bar = admit({.address = far_away}, {}, policy, noon);
  ASSERT_TRUE(bar);
  EXPECT_EQ(bar->kind, Kind::bandwidth);
  EXPECT_EQ(bar->code, Code::BG_E_BLOCKED_BY_POLICY);
  EXPECT_EQ(bar->where, "f:3");
  EXPECT_EQ(bar->until, noon + std::chrono::hours(5));
  EXPECT_EQ(kind({.priority = Priority::foreground, .address = far_away}, {}, policy), std::nullopt);
  // In a zone where it is 18 o'clock already.
  EXPECT_EQ(kind({.address = far_away}, with({.utc_offset = std::chrono::hours(6)}), policy),
            std::nullopt);
  std::swap(policy.bandwidth[0], policy.bandwidth[1]);
  EXPECT_EQ(kind({.address = far_away}, {}, policy), Kind::bandwidth) << "the user's counts as well";
}

TEST(Admit, AllThatIsInTheWayIsTold) {
  Policy policy;
  policy.on_battery.value = PowerRule::pause;
  const World world{.network_up = false,
                    .around = {.cost = cost::roaming, .on_battery = true, .power_saver = true}};
  std::vector<Kind> kinds;
  for (const Bar& bar : bars({.address = far_away}, world, policy, noon)) {
    kinds.push_back(bar.kind);
    EXPECT_TRUE(is_bar(bar.code));
    EXPECT_FALSE(describe(bar.kind).empty());
  }
  EXPECT_EQ(kinds, (std::vector{Kind::network, Kind::cost, Kind::battery, Kind::power_saver}));
}

TEST(Cost, WordsAreMasksAndMasksAreWords) {
  for (const char* word : {"always", "not-roaming", "no-surcharge", "standard", "unrestricted"}) {
    ASSERT_TRUE(cost::from_word(word)) << word;
    EXPECT_EQ(cost::to_word(*cost::from_word(word)), word);
  }
  EXPECT_EQ(cost::from_word("0x80000021"), cost::only_unrestricted);
  EXPECT_EQ(cost::from_word("33"), 33U);
  EXPECT_EQ(cost::to_word(0x42), "0x42");
  for (const char* word : {"", "cheap", "0x", "1x", "-1", "4294967296"})
    EXPECT_EQ(cost::from_word(word), std::nullopt) << word;
}

TEST(Cost, AMaskHasAStateAndNoUnknownBit) {
  EXPECT_TRUE(cost::is_mask(1));
  EXPECT_TRUE(cost::is_mask(cost::always | cost::reserved));
  EXPECT_FALSE(cost::is_mask(0));
  EXPECT_FALSE(cost::is_mask(cost::ignore_congestion));
  EXPECT_FALSE(cost::is_mask(cost::roaming)) << "it goes with another one only";
  EXPECT_FALSE(cost::is_mask(0x101));
  EXPECT_EQ(cost::describe(cost::capped_usage_unknown | cost::roaming), "metered, roaming");
}

TEST(Admit, ALimitThatIsNotForTheOwnNetworkBarsNobodyThere) {
  Policy policy;
  policy.bandwidth[0].limit = 0;
  policy.bandwidth[0].outside = 0;
  const auto barred = [&](const std::string& address) {
    return admit({.priority = base::Priority::normal, .address = address}, {}, policy, {}).has_value();
  };
  EXPECT_TRUE(barred("http://192.168.1.2/f"));
  policy.bandwidth[0].ignore_on_lan = true;
  EXPECT_FALSE(barred("http://192.168.1.2/f"));
  EXPECT_FALSE(barred("http://nas.local/f"));
  EXPECT_TRUE(barred("http://example.org/f"));
  EXPECT_TRUE(barred("")) << "nobody knows where it leads";
  policy.bandwidth[1].limit = 0;
  policy.bandwidth[1].outside = 0;
  EXPECT_TRUE(barred("http://192.168.1.2/f")) << "a user's own says nothing of the kind";
}

TEST(Bandwidth, IsOfTheOwnNetworkAsWellUnlessAllThatLimitSayOtherwise) {
  std::array<Bandwidth, 2> both;
  EXPECT_FALSE(rate_limits(both, {}).near_free);
  both[0].limit = both[0].outside = 100;
  EXPECT_FALSE(rate_limits(both, {}).near_free);
  both[0].ignore_on_lan = true;
  EXPECT_TRUE(rate_limits(both, {}).near_free);
  both[1].limit = 100;
  EXPECT_FALSE(rate_limits(both, {}).near_free);
  EXPECT_EQ(bandwidth_at(both, base::Priority::normal, {}, true).kilobits, std::nullopt) << "outside of its hours";
  EXPECT_EQ(bandwidth_at(both, base::Priority::normal, {}).kilobits, 100U);
}

TEST(Bandwidth, WeeklyHoursMayPassMidnightAndTheEndOfTheWeek) {
  const WeeklyHours office{.first_day = 1, .last_day = 5, .from = 8, .to = 17};
  EXPECT_TRUE(office.contains(1, 8));
  EXPECT_TRUE(office.contains(5, 16));
  EXPECT_FALSE(office.contains(5, 17));
  EXPECT_FALSE(office.contains(0, 9));
  const WeeklyHours nights{.first_day = 5, .last_day = 0, .from = 22, .to = 6};
  EXPECT_TRUE(nights.contains(5, 22));
  EXPECT_TRUE(nights.contains(1, 5)) << "the night that began on Sunday";
  EXPECT_FALSE(nights.contains(5, 5)) << "that one began on Thursday";
  EXPECT_TRUE(nights.contains(6, 5));
  const WeeklyHours weekend{.first_day = 6, .last_day = 0, .from = 0, .to = 0};
  EXPECT_TRUE(weekend.contains(6, 0));
  EXPECT_TRUE(weekend.contains(0, 23));
  EXPECT_FALSE(weekend.contains(1, 0));
}

TEST(Bandwidth, MaintenanceGoesBeforeWorkAndWorkBeforeTheSimpleForm) {
  Bandwidth bandwidth;
  bandwidth.limit = 1000;
  const auto held = [&](Priority priority, int hour) {
    return bandwidth_at(bandwidth, priority,
                        std::chrono::floor<std::chrono::days>(noon) + std::chrono::hours(hour));
  };
  EXPECT_EQ(held(Priority::low, 9).kilobits, 1000U);
  EXPECT_EQ(held(Priority::low, 9).hours_left, std::chrono::hours(7)) << "until 17 o'clock";
  EXPECT_EQ(held(Priority::low, 20).kilobits, std::nullopt);
  EXPECT_EQ(held(Priority::foreground, 9).kilobits, std::nullopt);
  bandwidth.work = WeeklyHours{.first_day = 1, .last_day = 5, .from = 8, .to = 17};
  bandwidth.at_work.kilobits = {std::nullopt, 500, 0};
  bandwidth.off_work.kilobits = {std::nullopt, std::nullopt, 1};
  EXPECT_EQ(held(Priority::high, 9).kilobits, std::nullopt);
  EXPECT_EQ(held(Priority::normal, 9).kilobits, 500U);
  EXPECT_EQ(held(Priority::low, 9).kilobits, 0U);
  EXPECT_EQ(held(Priority::low, 20).kilobits, 2U) << "less would not come to an end";
  bandwidth.maintenance = WeeklyHours{.first_day = 3, .last_day = 3, .from = 9, .to = 10};
  EXPECT_EQ(held(Priority::low, 9).kilobits, std::nullopt);
  EXPECT_EQ(held(Priority::low, 10).kilobits, 0U);
  bandwidth = {};
  EXPECT_TRUE(bandwidth.none());
  EXPECT_EQ(held(Priority::low, 9).hours_left, std::nullopt);
}

TEST(Admit, ADataBudgetThatIsUsedUpBarsWhatIsFarAndNobodyWaitsFor) {
  Policy policy;
  policy.budgets[0]["Phone"] = {.limit = 1000, .where = "conf:7"};
  World world;
  world.around.connection = "Phone";
  Ledger ledger;
  const base::WallTime now = base::WallTime(std::chrono::days(20'000)) + std::chrono::hours(5);
  ledger.charge("Phone", Day(std::chrono::days(20'000)), {.uid = 7}, 1000);
  world.spent = std::make_shared<Ledger>(ledger);
  Candidate candidate{.address = far_away, .owner = {.uid = 1000}};
  const auto bar = admit(candidate, world, policy, now);
  ASSERT_TRUE(bar);
  EXPECT_EQ(bar->kind, Kind::budget);
  EXPECT_EQ(bar->code, base::Code::BG_E_BLOCKED_BY_POLICY);
  EXPECT_TRUE(is_bar(bar->code));
  EXPECT_EQ(bar->where, "conf:7");
  EXPECT_GT(bar->until, now);
  candidate.priority = base::Priority::foreground;
  EXPECT_FALSE(admit(candidate, world, policy, now));
  policy.budgets[0]["Phone"].holds_foreground = true;
  EXPECT_TRUE(admit(candidate, world, policy, now));
  candidate.address = "http://printer.local/x";
  EXPECT_FALSE(admit(candidate, world, policy, now)) << "of the own network";
  candidate.address = "/srv/x";
  EXPECT_FALSE(admit(candidate, world, policy, now)) << "copied on this machine";
  candidate.address = far_away;
  world.around.connection = "Home";
  EXPECT_FALSE(admit(candidate, world, policy, now)) << "another network";
  candidate.priority = base::Priority::normal;
  policy.budgets[1][""].owner_limit = 0;
  EXPECT_TRUE(admit(candidate, world, policy, now)) << "the user's own holds as well";
}

}  // namespace
}  // namespace backhaul::core
