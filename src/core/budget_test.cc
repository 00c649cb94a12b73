// SPDX-License-Identifier: Apache-2.0
#include "core/budget.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::hours;

const Owner ana{.uid = 1000};
const Owner confined{.uid = 1000, .application = "org.example.App"};

Day day(int year, unsigned month, unsigned of_month) {
  return Day(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(of_month));
}
base::WallTime at(Day date, std::chrono::seconds time = 0s) { return base::WallTime(date) + time; }

BudgetStatus status(const Budget& budget, const Ledger& ledger, base::WallTime now, const Owner& owner = ana,
                    std::chrono::seconds utc_offset = 0s) {
  return status_of(budget, "Phone", ledger, owner, now, utc_offset);
}

TEST(Budget, PeriodsBeginAtMidnightOfTheirFirstDay) {
  const base::WallTime now = at(day(2026, 11, 29), 23h + 30min);  // a Sunday
  EXPECT_EQ(status({.period = Period::day}, {}, now).begin, day(2026, 11, 29));
  EXPECT_EQ(status({.period = Period::day}, {}, now).end, day(2026, 11, 30));
  EXPECT_EQ(status({.period = Period::week}, {}, now).begin, day(2026, 11, 23)) << "on a Monday";
  EXPECT_EQ(status({.period = Period::week, .first_weekday = 0}, {}, now).begin, day(2026, 11, 29));
  EXPECT_EQ(status({}, {}, now).begin, day(2026, 11, 1));
  EXPECT_EQ(status({}, {}, now).end, day(2026, 12, 1));
  EXPECT_EQ(status({.first_of_month = 15}, {}, now).begin, day(2026, 11, 15));
  EXPECT_EQ(status({.first_of_month = 15}, {}, at(day(2026, 1, 14))).begin, day(2025, 12, 15));
  EXPECT_EQ(status({.first_of_month = 15}, {}, at(day(2026, 1, 14))).end, day(2026, 1, 15));
  EXPECT_EQ(status({.period = Period::day}, {}, now, ana, 1h).begin, day(2026, 11, 30)) << "by the local time";
  EXPECT_EQ(status({.period = Period::day}, {}, now, ana, 1h).until, at(day(2026, 11, 30), 23h));
}

TEST(Budget, CountsAllOwnersTogetherAndEachAlone) {
  Ledger ledger;
  const Day today = day(2026, 11, 29);
  ledger.charge("Phone", today, ana, 600);
  ledger.charge("Phone", today - days(3), confined, 300);
  ledger.charge("Phone", today - days(40), ana, 5000);
  ledger.charge("Home", today, ana, 70'000);
  const Budget all{.limit = 1000};
  EXPECT_EQ(status(all, ledger, at(today)).used, 900U);
  EXPECT_EQ(status(all, ledger, at(today)).left(), 100U);
  const Budget each{.limit = 1000, .owner_limit = 300};
  EXPECT_TRUE(status(each, ledger, at(today), confined).is_used_up());
  EXPECT_TRUE(status(each, ledger, at(today), ana).is_used_up());
  EXPECT_EQ(status(each, ledger, at(today), Owner{.uid = 7}).left(), 100U);
  EXPECT_EQ(status({}, ledger, at(today)).left(), std::nullopt);
  EXPECT_TRUE(status({.limit = 0}, {}, at(today)).is_used_up()) << "nothing at all";
  EXPECT_EQ(describe(status(each, ledger, at(today), confined)),
            "900B of 1.0K, of its owner 300B of 300B are used in the month that ends with 2026-11-30");
}

// Each day is given once, so each period is.
TEST(Budget, AClockThatIsSetGivesNoPeriodTwiceAndTakesNone) {
  Ledger ledger;
  const Budget budget{.limit = 1000};
  const Day today = day(2026, 11, 29);
  ledger.charge("Phone", today, ana, 1000);
  EXPECT_FALSE(status(budget, ledger, at(today + days(100))).is_used_up()) << "another month";
  ledger.charge("Phone", today + days(100), ana, 400);
  EXPECT_TRUE(status(budget, ledger, at(today)).is_used_up()) << "it was set back, and this one is over still";
  EXPECT_EQ(status(budget, ledger, at(today)).until, at(day(2026, 12, 1)));
  EXPECT_EQ(status(budget, ledger, at(day(2026, 12, 1))).left(), 1000U) << "the next is whole";
  EXPECT_EQ(status(budget, ledger, at(today + days(101))).left(), 600U);
}

TEST(Budget, OldDaysAreForgottenAndNotGivenAgain) {
  Ledger ledger;
  const Day first = day(2026, 1, 1);
  for (int i = 0; i < 150; ++i) ledger.charge("Phone", first + days(i), ana, 10);
  EXPECT_EQ(ledger.networks().at("Phone").size(), Ledger::days_max);
  const Budget budget{.limit = 300, .period = Period::day};
  EXPECT_EQ(ledger.day_in_force("Phone", first), first + days(50));
  EXPECT_EQ(status(budget, ledger, at(first)).used, 10U);
  ledger.charge("Phone", first, ana, 290);
  EXPECT_TRUE(status(budget, ledger, at(first)).is_used_up()) << "1972 is no new day";
  for (int i = 0; i < 200; ++i) ledger.charge("net " + std::to_string(i), first + days(i), ana, 1);
  EXPECT_LE(ledger.networks().size(), Ledger::networks_max);
}

TEST(Budget, AnotherStartOfThePeriodGoesByTheSameFigures) {
  Ledger ledger;
  ledger.charge("Phone", day(2026, 11, 10), ana, 700);
  ledger.charge("Phone", day(2026, 11, 20), ana, 200);
  const base::WallTime now = at(day(2026, 11, 29));
  EXPECT_EQ(status({.limit = 1000}, ledger, now).used, 900U);
  EXPECT_EQ(status({.limit = 1000, .first_of_month = 15}, ledger, now).used, 200U);
  EXPECT_EQ(status({.limit = 1000, .period = Period::week}, ledger, now).used, 0U);
}

TEST(Budget, TheNetworkIsNamedByTheConnectionOrByTheRoute) {
  Budgets budgets;
  budgets["Phone"].limit = 1;
  budgets["wlan0"].limit = 2;
  budgets["wlan0 via 10.0.0.1"].limit = 3;
  const Route route{"wlan0", "10.0.0.1"};
  EXPECT_EQ(network_name("Phone", route), "Phone");
  EXPECT_EQ(network_name("", route), "wlan0 via 10.0.0.1");
  EXPECT_EQ(network_name("", {"wwan0", ""}), "wwan0");
  EXPECT_EQ(route_of("wlan0 via 10.0.0.1"), route);
  EXPECT_EQ(budget_for(budgets, "Phone", route)->limit, 1U);
  EXPECT_EQ(budget_for(budgets, "Cafe", route)->limit, 3U);
  EXPECT_EQ(budget_for(budgets, "", {"wlan0", "10.0.0.2"})->limit, 2U);
  EXPECT_EQ(budget_for(budgets, "Cafe", {"eth0", ""}), nullptr);
  budgets[""].limit = 4;
  EXPECT_EQ(budget_for(budgets, "Cafe", {"eth0", ""})->limit, 4U);
}

TEST(Budget, TheForecastGoesByTheRateOrByThePeriodUntilNow) {
  Ledger ledger;
  const base::WallTime now = at(day(2026, 11, 11));  // a third of the month
  ledger.charge("Phone", day(2026, 11, 5), ana, 864'000);
  const BudgetStatus enough = status({.limit = 10'000'000}, ledger, now);
  EXPECT_EQ(runs_out(enough, 0, now), base::WallTime{}) << "one octet a second lasts";
  EXPECT_EQ(runs_out(enough, 91'360, now), now + 100s);
  const BudgetStatus scarce = status({.limit = 1'000'000}, ledger, now);
  EXPECT_EQ(runs_out(scarce, 0, now), now + 136'000s);
  const BudgetStatus own = status({.limit = 10'000'000, .owner_limit = 864'100}, ledger, now);
  EXPECT_EQ(runs_out(own, 0, now), now + 100s) << "what is left of the owner's";
  EXPECT_EQ(runs_out(status({.limit = 5}, ledger, now), 0, now), now);
  EXPECT_EQ(runs_out(status({}, ledger, now), 5, now), base::WallTime{});
}

TEST(Budget, WhatHasToBeStoredIsWhatDiffers) {
  Ledger before, after;
  before.charge("Phone", Day(days(1)), ana, 5);
  before.charge("Phone", Day(days(2)), ana, 6);
  after = before;
  EXPECT_TRUE(difference(before, after).empty());
  after.charge("Phone", Day(days(2)), ana, 1);
  after.charge("Home", Day(days(2)), confined, 8);
  const std::vector<Usage> expected{{"Home", 2, confined, 8}, {"Phone", 2, ana, 7}};
  EXPECT_EQ(difference(before, after), expected);
  const std::vector<Usage> gone{{"Phone", 1, ana, 0}, {"Phone", 2, ana, 0}};
  EXPECT_EQ(difference(before, {}), gone);
  Ledger stored;
  for (const Usage& one : difference({}, after)) stored.put(one.network, Day(days(one.day)), one.owner, one.octets);
  EXPECT_EQ(stored, after);
}

}  // namespace
}  // namespace backhaul::core
