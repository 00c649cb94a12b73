// SPDX-License-Identifier: Apache-2.0
#include "daemon/policy_settings.h"

#include <fmt/core.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "daemon/policy_rule.h"
#include "daemon/setting_number.h"

namespace backhaul::daemon {
namespace {

using core::PowerRule;

constexpr NumberRange kilobits_range{0, UINT32_MAX};
constexpr NumberRange hour_range{0, 24};
constexpr NumberRange date_range{1, 28};  // the days that every month has
constexpr NumberRange octets_range{0, std::int64_t{1} << 62};  // 4 EiB: less than a number of too many digits

constexpr std::array<std::string_view, 4> priorities{"Foreground", "High", "Normal", "Low"};

PolicyVerdict set_cost(core::Policy& policy, const core::Policy* machine, const PolicyLine& line) {
  for (std::size_t i = 0; i < priorities.size(); ++i) {
    if (priorities[i] != line.key) continue;
    const auto mask = core::cost::from_word(line.value);
    if (!line.value.empty() && (!mask || !core::cost::is_mask(*mask)))
      return not_a(line, "not one of always, not-roaming, no-surcharge, standard, unrestricted, "
                         "nor a mask of cost states");
    return take(policy.cost[i], machine == nullptr ? nullptr : &machine->cost[i], mask,
                core::Policy().cost[i].value, line,
                [](std::uint32_t mine, std::uint32_t theirs) {
                  return (mine & core::cost::states & ~theirs) == 0;
                });
  }
  return {.known = false, .error = {}, .warning = {}};
}

std::optional<PowerRule> power_rule(std::string_view word) {
  if (word == "run") return PowerRule::run;
  if (word == "foreground-only") return PowerRule::foreground_only;
  if (word == "pause") return PowerRule::pause;
  return std::nullopt;
}

PolicyVerdict set_power(core::Policy& policy, const core::Policy* machine, const PolicyLine& line) {
  core::Rule<PowerRule> core::Policy::*member = nullptr;
  if (line.key == "OnBattery") member = &core::Policy::on_battery;
  if (line.key == "OnPowerSaver") member = &core::Policy::on_power_saver;
  if (member == nullptr) return {.known = false, .error = {}, .warning = {}};
  const auto rule = power_rule(line.value);
  if (!line.value.empty() && !rule) return not_a(line, "not one of run, foreground-only, pause");
  return take(policy.*member, machine == nullptr ? nullptr : &(machine->*member), rule,
              (core::Policy().*member).value, line,
              [](PowerRule mine, PowerRule theirs) { return mine >= theirs; });
}

PolicyVerdict set_logon(core::Policy& policy, const core::Policy* machine, const PolicyLine& line) {
  if (line.key != "OnlyWhileLoggedOn") return {.known = false, .error = {}, .warning = {}};
  return take_switch(policy.only_while_logged_on, machine == nullptr ? nullptr : &machine->only_while_logged_on, false,
                     true, line);
}

PolicyVerdict set_network(core::Policy& policy, const core::Policy* machine,
                          const PolicyLine& line) {
  if (line.key == "AskDuplicates")
    return take_switch(policy.site.duplicates, machine == nullptr ? nullptr : &machine->site.duplicates, true, false, line);
  if (line.key != "WaitForLogin") return {.known = false, .error = {}, .warning = {}};
  return take_switch(policy.wait_for_login, machine == nullptr ? nullptr : &machine->wait_for_login, true, true, line);
}

// --- bandwidth: what the machine says and what the user says hold both ----------------------------

PolicyVerdict set_kilobits(core::Kilobits& target, const PolicyLine& line) {
  target.reset();
  if (line.value.empty() || line.value == "unlimited") return {};
  const auto number = number_of(line.value);
  if (!number) return not_a(line, "neither a number of kilobits a second nor unlimited");
  target = static_cast<std::uint32_t>(kilobits_range.nearest(*number));
  return used(line, kilobits_range, *target != *number, std::to_string(*target));
}

std::optional<std::uint8_t> day_of(std::string_view word) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  for (std::size_t i = 0; i < days.size(); ++i)
    if (days[i] == word) return static_cast<std::uint8_t>(i);
  return std::nullopt;
}

// "Mon..Fri", "8..17", or one of them alone.
template <class Value>
std::optional<std::pair<Value, Value>> range_of(std::string_view text, std::optional<Value> (*read)(std::string_view)) {
  const auto dots = text.find("..");
  const auto first = read(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : read(text.substr(dots + 2));
  if (!first || !last) return std::nullopt;
  return std::pair(*first, *last);
}

// 24 is midnight, as 0 is.
std::uint8_t hour_of_day(std::int64_t hour) { return static_cast<std::uint8_t>(hour_range.nearest(hour) % 24); }

PolicyVerdict set_days(core::WeeklyHours& hours, const core::WeeklyHours& usual, const PolicyLine& line) {
  const auto days = line.value.empty() ? std::pair(usual.first_day, usual.last_day) : range_of(line.value, day_of);
  if (!days) return not_a(line, "no days like Mon..Fri");
  std::tie(hours.first_day, hours.last_day) = *days;
  return {};
}

PolicyVerdict set_hours(core::WeeklyHours& hours, const core::WeeklyHours& usual, const PolicyLine& line) {
  if (line.value.empty()) {
    std::tie(hours.from, hours.to) = std::tie(usual.from, usual.to);
    return {};
  }
  const auto span = range_of(line.value, number_of);
  if (!span || line.value.find("..") == std::string_view::npos) return not_a(line, "no hours like 8..17");
  const std::pair taken(hour_range.nearest(span->first), hour_range.nearest(span->second));
  hours.from = hour_of_day(taken.first);
  hours.to = hour_of_day(taken.second);
  return used(line, hour_range, taken != *span, fmt::format("{}..{}", taken.first, taken.second));
}

PolicyVerdict set_hour(std::uint8_t& hour, std::uint8_t usual, const PolicyLine& line) {
  hour = usual;
  if (line.value.empty()) return {};
  const auto read = number_of(line.value);
  if (!read) return not_a(line, "not an hour from 0 to 24");
  hour = hour_of_day(*read);
  const std::int64_t taken = hour_range.nearest(*read);
  return used(line, hour_range, taken != *read, std::to_string(taken));
}

constexpr core::WeeklyHours usual_hours{.first_day = 1, .last_day = 5, .from = 8, .to = 17};

PolicyVerdict set_schedule(std::optional<core::WeeklyHours>* hours, core::PriorityLimits& limits,
                           const PolicyLine& line) {
  if (hours != nullptr && !*hours) *hours = usual_hours;
  if (hours != nullptr && line.key == "Days") return set_days(**hours, usual_hours, line);
  if (hours != nullptr && line.key == "Hours") return set_hours(**hours, usual_hours, line);
  constexpr std::array<std::string_view, 3> keys{"HighKbps", "NormalKbps", "LowKbps"};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] != line.key) continue;
    PolicyVerdict verdict = set_kilobits(limits.kilobits[i], line);
    limits.where[i] = limits.kilobits[i] ? line.where : std::string();
    return verdict;
  }
  return {.known = false, .error = {}, .warning = {}};
}

PolicyVerdict set_simple(core::Bandwidth& bandwidth, const PolicyLine& line) {
  const core::Bandwidth usual;
  if (line.key == "IgnoreLimitsOnLan") {
    if (!line.value.empty() && line.value != "yes" && line.value != "no") return not_a(line, "neither yes nor no");
    bandwidth.ignore_on_lan = line.value == "yes";
    return {};
  }
  if (line.key == "From") return set_hour(bandwidth.hours.from, usual.hours.from, line);
  if (line.key == "To") return set_hour(bandwidth.hours.to, usual.hours.to, line);
  if (line.key != "LimitKbps" && line.key != "LimitOutsideKbps")
    return {.known = false, .error = {}, .warning = {}};
  bandwidth.where = line.where;
  return set_kilobits(line.key == "LimitKbps" ? bandwidth.limit : bandwidth.outside, line);
}

PolicyVerdict set_bandwidth(core::Bandwidth& bandwidth, const PolicyLine& line) {
  if (line.section == "Bandwidth") return set_simple(bandwidth, line);
  if (line.section == "Bandwidth.Work") return set_schedule(&bandwidth.work, bandwidth.at_work, line);
  if (line.section == "Bandwidth.NonWork") return set_schedule(nullptr, bandwidth.off_work, line);
  if (line.section == "Bandwidth.Maintenance")
    return set_schedule(&bandwidth.maintenance, bandwidth.at_maintenance, line);
  return {.known = false, .error = {}, .warning = {}};
}

// --- budgets: likewise ----------------------------------------------------------------------------

// "500 MB", "20 GiB", "1000000"; unlimited.
PolicyVerdict set_amount(std::optional<std::uint64_t>& target, const PolicyLine& line) {
  target.reset();
  if (line.value.empty() || line.value == "unlimited") return {};
  std::string_view unit = line.value;
  const auto number = take_number(unit);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 10> units{{
      {"", 1}, {"B", 1}, {"kB", 1000}, {"MB", 1000'000}, {"GB", 1000'000'000}, {"TB", 1000'000'000'000},
      {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}, {"TiB", 1LL << 40}}};
  for (const auto& [name, octets] : units) {
    if (name != unit || !number) continue;
    const std::int64_t count = NumberRange{octets_range.least, octets_range.most / octets}.nearest(*number);
    const std::int64_t nearest = *number > 0 ? octets_range.most : octets_range.least;
    target = static_cast<std::uint64_t>(count == *number ? count * octets : nearest);
    return used(line, octets_range, count != *number, std::to_string(*target));
  }
  return not_a(line, "no amount like 20 GiB or 500 MB, nor unlimited");
}

PolicyVerdict set_start_day(core::Budget& budget, const PolicyLine& line) {
  const core::Budget usual;
  budget.first_weekday = usual.first_weekday;
  budget.first_of_month = usual.first_of_month;
  if (line.value.empty()) return {};
  if (const auto weekday = day_of(line.value)) {
    budget.first_weekday = *weekday;
    return {};
  }
  const auto date = number_of(line.value);
  if (!date) return not_a(line, "neither a day like Mon nor 1 to 28");
  const std::int64_t taken = date_range.nearest(*date);
  budget.first_of_month = static_cast<std::uint8_t>(taken);
  return used(line, date_range, taken != *date, std::to_string(taken));
}

PolicyVerdict set_budget(core::Budget& budget, const PolicyLine& line) {
  if (line.key == "Limit" || line.key == "LimitPerOwner") {
    budget.where = line.where;
    return set_amount(line.key == "Limit" ? budget.limit : budget.owner_limit, line);
  }
  if (line.key == "StartDay") return set_start_day(budget, line);
  if (line.key == "HoldForeground") {
    if (!line.value.empty() && line.value != "yes" && line.value != "no") return not_a(line, "neither yes nor no");
    budget.holds_foreground = line.value == "yes";
    return {};
  }
  if (line.key != "Period") return {.known = false, .error = {}, .warning = {}};
  for (const core::Period period : {core::Period::day, core::Period::week, core::Period::month})
    if (line.value == core::to_word(period)) {
      budget.period = period;
      return {};
    }
  if (!line.value.empty()) return not_a(line, "not one of day, week, month");
  budget.period = core::Budget().period;
  return {};
}

// [Budget] is for every network that has no [Budget.NAME] of its own.
std::string network_of(std::string_view section) {
  constexpr std::string_view all = "Budget";
  return std::string(section == all ? "" : section.substr(all.size() + 1));
}

PolicyVerdict set_budgets(core::Budgets& budgets, const PolicyLine& line) {
  const std::string network = network_of(line.section);
  core::Budget budget = budgets.contains(network) ? budgets.at(network) : core::Budget();
  PolicyVerdict verdict = set_budget(budget, line);
  if (verdict.known && verdict.error.empty()) budgets[network] = std::move(budget);
  return verdict;
}

}  // namespace

PolicyVerdict set_policy(core::Policy& policy, const core::Policy* machine, const PolicyLine& line) {
  if (line.section == "Cost") return set_cost(policy, machine, line);
  if (line.section == "Power") return set_power(policy, machine, line);
  if (line.section == "Network") return set_network(policy, machine, line);
  if (line.section == "Jobs") return set_logon(policy, machine, line);
  if (line.section == "Budget" || (line.section.starts_with("Budget.") && line.section.size() > 7))
    return set_budgets(policy.budgets[machine == nullptr ? 0 : 1], line);
  return set_bandwidth(policy.bandwidth[machine == nullptr ? 0 : 1], line);
}

std::vector<std::string> warnings_of_start_days(const core::Policy& policy, const core::PolicyList& said) {
  std::vector<std::string> warnings;
  for (const core::PolicyEntry& entry : said) {
    if (entry.key != "StartDay" || entry.where.empty()) continue;
    const core::Budgets& budgets = policy.budgets[entry.said_by == core::SaidBy::user ? 1 : 0];
    const auto budget = budgets.find(network_of(entry.section));
    if (budget == budgets.end()) continue;
    const core::Period period = budget->second.period;
    const core::Period meant = day_of(entry.value) ? core::Period::week : core::Period::month;
    if (period == meant) continue;
    warnings.push_back(fmt::format("{}: StartDay = {} does not fit Period = {}: {}", entry.where, entry.value,
                                   core::to_word(period),
                                   period == core::Period::week    ? "using Mon"
                                   : period == core::Period::month ? "using 1"
                                                                   : "a day begins at midnight"));
  }
  return warnings;
}

}  // namespace backhaul::daemon
