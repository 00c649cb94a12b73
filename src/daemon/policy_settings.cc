// SPDX-License-Identifier: Apache-2.0
#include "daemon/policy_settings.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace backhaul::daemon {
namespace {

using core::PowerRule;

std::optional<std::uint32_t> number_of(std::string_view text, std::uint32_t most) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool all = problem == std::errc() && end == text.data() + text.size() && !text.empty();
  return all && number <= most ? std::optional(number) : std::nullopt;
}

PolicyVerdict not_a(const PolicyLine& line, std::string_view what) {
  return {.error = fmt::format("{} = {}: {}", line.key, line.value, what), .warning = {}};
}

// --- one value that is tighter or looser ---------------------------------------------------------

// What nobody of the machine laid down a user may say freely: the built-in value is only a beginning.
template <class Value, class IsTighter>
PolicyVerdict take(core::Rule<Value>& rule, const core::Rule<Value>* machine,
                   const std::optional<Value>& value, Value built_in, const PolicyLine& line,
                   const IsTighter& is_tighter) {
  if (line.value.empty()) {
    rule = machine != nullptr ? *machine : core::Rule<Value>{built_in, {}};
    return {};
  }
  if (machine != nullptr && !machine->where.empty() && !is_tighter(*value, machine->value)) {
    rule = *machine;
    return {.error = {},
            .warning = fmt::format("{} = {} is looser than what the machine says at {}: that holds",
                                   line.key, line.value, machine->where),
            .refused = true};
  }
  rule = {*value, line.where};
  return {};
}

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

PolicyVerdict set_network(core::Policy& policy, const core::Policy* machine,
                          const PolicyLine& line) {
  if (line.key != "WaitForLogin") return {.known = false, .error = {}, .warning = {}};
  std::optional<bool> wait;
  if (line.value == "yes" || line.value == "no") wait = line.value == "yes";
  if (!line.value.empty() && !wait) return not_a(line, "neither yes nor no");
  return take(policy.wait_for_login, machine == nullptr ? nullptr : &machine->wait_for_login, wait,
              true, line, [](bool mine, bool theirs) { return mine || !theirs; });
}

// --- bandwidth: what the machine says and what the user says hold both ----------------------------

std::optional<core::Kilobits> kilobits(std::string_view value) {
  if (value.empty() || value == "unlimited") return core::Kilobits();
  const auto number = number_of(value, UINT32_MAX);
  return number ? std::optional<core::Kilobits>(*number) : std::nullopt;
}

std::optional<std::uint8_t> day_of(std::string_view word) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  for (std::size_t i = 0; i < days.size(); ++i)
    if (days[i] == word) return static_cast<std::uint8_t>(i);
  return std::nullopt;
}

std::optional<std::uint8_t> hour_of(std::string_view word) {
  const auto hour = number_of(word, 24);
  return hour ? std::optional(static_cast<std::uint8_t>(*hour % 24)) : std::nullopt;
}

// "Mon..Fri", "8..17", or one of them alone.
template <class Read>
auto range_of(std::string_view text, const Read& read)
    -> std::optional<std::pair<std::uint8_t, std::uint8_t>> {
  const auto dots = text.find("..");
  const auto first = read(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : read(text.substr(dots + 2));
  if (!first || !last) return std::nullopt;
  return std::pair(*first, *last);
}

PolicyVerdict set_hours(core::WeeklyHours& hours, const core::WeeklyHours& usual,
                        const PolicyLine& line) {
  if (line.key == "Days") {
    const auto days = line.value.empty() ? std::pair(usual.first_day, usual.last_day)
                                         : range_of(line.value, day_of);
    if (!days) return not_a(line, "no days like Mon..Fri");
    std::tie(hours.first_day, hours.last_day) = *days;
    return {};
  }
  const auto span = line.value.empty() ? std::pair(usual.from, usual.to) : range_of(line.value, hour_of);
  if (!span || (!line.value.empty() && line.value.find("..") == std::string_view::npos))
    return not_a(line, "no hours like 8..17");
  std::tie(hours.from, hours.to) = *span;
  return {};
}

constexpr core::WeeklyHours usual_hours{.first_day = 1, .last_day = 5, .from = 8, .to = 17};

PolicyVerdict set_schedule(std::optional<core::WeeklyHours>* hours, core::PriorityLimits& limits,
                           const PolicyLine& line) {
  const bool of_time = line.key == "Days" || line.key == "Hours";
  if (hours != nullptr && !*hours) *hours = usual_hours;
  if (hours != nullptr && of_time) return set_hours(**hours, usual_hours, line);
  constexpr std::array<std::string_view, 3> keys{"HighKbps", "NormalKbps", "LowKbps"};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] != line.key) continue;
    const auto limit = kilobits(line.value);
    if (!limit) return not_a(line, "neither a number of kilobits a second nor unlimited");
    limits.kilobits[i] = *limit;
    limits.where[i] = limit->has_value() ? line.where : std::string();
    return {};
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
  if (line.key == "From" || line.key == "To") {
    auto& hour = line.key == "From" ? bandwidth.hours.from : bandwidth.hours.to;
    const auto read = line.value.empty()
                          ? std::optional(line.key == "From" ? usual.hours.from : usual.hours.to)
                          : hour_of(line.value);
    if (!read) return not_a(line, "not an hour from 0 to 24");
    hour = *read;
    return {};
  }
  if (line.key != "LimitKbps" && line.key != "LimitOutsideKbps")
    return {.known = false, .error = {}, .warning = {}};
  const auto limit = kilobits(line.value);
  if (!limit) return not_a(line, "neither a number of kilobits a second nor unlimited");
  (line.key == "LimitKbps" ? bandwidth.limit : bandwidth.outside) = *limit;
  bandwidth.where = line.where;
  return {};
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
std::optional<std::optional<std::uint64_t>> amount_of(std::string_view value) {
  using Amount = std::optional<std::uint64_t>;
  if (value.empty() || value == "unlimited") return Amount();
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (problem != std::errc()) return std::nullopt;
  std::string_view unit = value.substr(static_cast<std::size_t>(end - value.data()));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 10> units{{
      {"", 1}, {"B", 1}, {"kB", 1000}, {"MB", 1000'000}, {"GB", 1000'000'000}, {"TB", 1000'000'000'000},
      {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}, {"TiB", 1ULL << 40}}};
  for (const auto& [name, octets] : units)
    if (name == unit && number <= UINT64_MAX / octets) return Amount(number * octets);
  return std::nullopt;
}

PolicyVerdict set_start_day(core::Budget& budget, const PolicyLine& line) {
  const core::Budget usual;
  const auto weekday = day_of(line.value);
  const auto date = number_of(line.value, 28);
  if (!line.value.empty() && !weekday && date.value_or(0) == 0) return not_a(line, "neither a day like Mon nor 1 to 28");
  budget.first_weekday = weekday.value_or(usual.first_weekday);
  budget.first_of_month = static_cast<std::uint8_t>(date.value_or(usual.first_of_month));
  return {};
}

PolicyVerdict set_budget(core::Budget& budget, const PolicyLine& line) {
  if (line.key == "Limit" || line.key == "LimitPerOwner") {
    const auto amount = amount_of(line.value);
    if (!amount) return not_a(line, "no amount like 20 GiB or 500 MB, nor unlimited");
    (line.key == "Limit" ? budget.limit : budget.owner_limit) = *amount;
    budget.where = line.where;
    return {};
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
PolicyVerdict set_budgets(core::Budgets& budgets, const PolicyLine& line) {
  constexpr std::string_view section = "Budget";
  const std::string network(line.section == section ? "" : line.section.substr(section.size() + 1));
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
  if (line.section == "Budget" || (line.section.starts_with("Budget.") && line.section.size() > 7))
    return set_budgets(policy.budgets[machine == nullptr ? 0 : 1], line);
  return set_bandwidth(policy.bandwidth[machine == nullptr ? 0 : 1], line);
}

}  // namespace backhaul::daemon
