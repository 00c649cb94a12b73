// SPDX-License-Identifier: Apache-2.0
#include "core/budget.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/size_text.h"

namespace backhaul::core {
namespace {

using std::chrono::days;
using std::chrono::year_month_day;

Day local_day(base::WallTime now, std::chrono::seconds utc_offset) {
  return std::chrono::floor<days>(now + utc_offset);
}

std::pair<Day, Day> period_around(const Budget& budget, Day day) {
  if (budget.period == Period::day) return {day, day + days(1)};
  if (budget.period == Period::week) {
    const unsigned weekday = std::chrono::weekday(day).c_encoding();
    const Day begin = day - days((weekday + 7 - budget.first_weekday) % 7);
    return {begin, begin + days(7)};
  }
  const year_month_day date(day);
  const auto first = std::chrono::day(budget.first_of_month);
  const auto month = date.year() / date.month();
  const auto begins = date.day() < first ? month - std::chrono::months(1) : month;
  return {Day(begins / first), Day((begins + std::chrono::months(1)) / first)};
}

std::string date_text(Day day) {
  const year_month_day date(day);
  const auto two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) + "-" +
         two(static_cast<unsigned>(date.day()));
}

std::uint64_t rest(std::uint64_t limit, std::uint64_t used) { return limit - std::min(limit, used); }

}  // namespace

std::string network_name(const std::string& connection, const Route& route) {
  if (!connection.empty()) return connection;
  return route.gateway.empty() ? route.interface : route.interface + " via " + route.gateway;
}

Route route_of(const std::string& network_name) {
  const auto via = network_name.find(" via ");
  if (via == std::string::npos) return {network_name, {}};
  return {network_name.substr(0, via), network_name.substr(via + 5)};
}

const Budget* budget_for(const Budgets& budgets, const std::string& connection, const Route& route) {
  for (const std::string& name : {connection, network_name({}, route), route.interface}) {
    if (name.empty()) continue;
    if (const auto named = budgets.find(name); named != budgets.end()) return &named->second;
  }
  const auto all = budgets.find(std::string_view());
  return all == budgets.end() ? nullptr : &all->second;
}

// --- what came -----------------------------------------------------------------------------------

void Ledger::charge(const std::string& network, Day today, const Owner& owner, std::uint64_t octets) {
  if (networks_.size() >= networks_max && !networks_.contains(network)) {
    const auto oldest = std::ranges::min_element(
        networks_, {}, [](const auto& one) { return one.second.empty() ? Day() : one.second.rbegin()->first; });
    networks_.erase(oldest);
  }
  const Day day = day_in_force(network, today);
  Days& known = networks_[network];
  known[day][owner] += octets;
  while (known.size() > days_max) known.erase(known.begin());
}

Day Ledger::day_in_force(const std::string& network, Day today) const {
  const auto known = networks_.find(network);
  if (known == networks_.end() || known->second.size() < days_max) return today;
  return std::max(today, known->second.begin()->first);
}

std::uint64_t Ledger::used(const std::string& network, Day from, Day end, const Owner* owner) const {
  const auto known = networks_.find(network);
  if (known == networks_.end()) return 0;
  std::uint64_t sum = 0;
  for (auto day = known->second.lower_bound(from); day != known->second.end() && day->first < end; ++day)
    for (const auto& [whose, octets] : day->second)
      if (owner == nullptr || *owner == whose) sum += octets;
  return sum;
}

std::vector<Usage> difference(const Ledger& before, const Ledger& after) {
  std::vector<Usage> changes;
  static const Ledger::Days no_days;
  static const Ledger::Owners no_owners;
  const auto in = []<class Map>(const Map& map, const auto& key, const auto& none) -> const auto& {
    const auto found = map.find(key);
    return found == map.end() ? none : found->second;
  };
  // What is in `some` and otherwise in `others`, or not at all.
  const auto compare = [&](const Ledger& some, const Ledger& others, bool gone) {
    for (const auto& [network, some_days] : some.networks())
      for (const auto& [day, owners] : some_days)
        for (const auto& [owner, octets] : owners) {
          const auto& theirs = in(in(others.networks(), network, no_days), day, no_owners);
          const auto same = theirs.find(owner);
          if (gone ? same != theirs.end() : same != theirs.end() && same->second == octets) continue;
          changes.push_back({network, static_cast<std::int32_t>(day.time_since_epoch().count()), owner,
                             gone ? 0 : octets});
        }
  };
  compare(before, after, true);
  compare(after, before, false);
  return changes;
}

// --- what is left --------------------------------------------------------------------------------

std::optional<std::uint64_t> BudgetStatus::left() const {
  std::optional<std::uint64_t> least;
  if (budget.limit) least = rest(*budget.limit, used);
  if (budget.owner_limit) {
    const std::uint64_t own = rest(*budget.owner_limit, owner_used);
    least = std::min(least.value_or(own), own);
  }
  return least;
}

BudgetStatus status_of(const Budget& budget, const std::string& network, const Ledger& ledger, const Owner& owner,
                       base::WallTime now, std::chrono::seconds utc_offset) {
  const Day day = ledger.day_in_force(network, local_day(now, utc_offset));
  const auto [begin, end] = period_around(budget, day);
  return {.network = network,
          .budget = budget,
          .begin = begin,
          .end = end,
          .used = ledger.used(network, begin, end),
          .owner_used = ledger.used(network, begin, end, &owner),
          .since = base::WallTime(begin) - utc_offset,
          .until = base::WallTime(end) - utc_offset};
}

base::WallTime runs_out(const BudgetStatus& status, std::uint64_t rate, base::WallTime now) {
  const auto left = status.left();
  if (!left) return {};
  if (*left == 0) return now;
  double a_second = static_cast<double>(rate);
  if (rate == 0 && now > status.since) {
    const bool own = status.budget.owner_limit && *left == rest(*status.budget.owner_limit, status.owner_used);
    a_second = static_cast<double>(own ? status.owner_used : status.used) /
               std::chrono::duration<double>(now - status.since).count();
  }
  if (a_second <= 0) return {};
  const double seconds = static_cast<double>(*left) / a_second;
  if (seconds >= std::chrono::duration<double>(status.until - now).count()) return {};
  return now + std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

std::string describe(const BudgetStatus& status) {
  std::string text;
  const auto say = [&](std::uint64_t used, const std::optional<std::uint64_t>& limit, std::string_view whose) {
    if (!limit) return;
    if (!text.empty()) text += ", ";
    text += std::string(whose) + size_text(used) + " of " + size_text(*limit);
  };
  say(status.used, status.budget.limit, "");
  say(status.owner_used, status.budget.owner_limit, "of its owner ");
  return text + " are used in the " + std::string(to_word(status.budget.period)) + " that ends with " +
         date_text(status.end - days(1));
}

std::string_view to_word(Period period) {
  switch (period) {
    case Period::day: return "day";
    case Period::week: return "week";
    case Period::month: return "month";
  }
  return {};
}

}  // namespace backhaul::core
