// SPDX-License-Identifier: Apache-2.0
#include "core/bandwidth.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace backhaul::core {
namespace {

constexpr unsigned hours_a_week = 7 * 24;

struct Held {
  Kilobits kilobits;
  std::string where;
  bool operator==(const Held&) const = default;
};

Held of(const PriorityLimits& limits, std::size_t priority) {
  return {limits.kilobits[priority], limits.where[priority]};
}

// Maintenance goes before work, work before the simple form.
Held held_at(const Bandwidth& bandwidth, std::size_t priority, unsigned hour_of_week) {
  const unsigned day = hour_of_week / 24;
  const unsigned hour = hour_of_week % 24;
  if (bandwidth.maintenance && bandwidth.maintenance->contains(day, hour))
    return of(bandwidth.at_maintenance, priority);
  if (bandwidth.work)
    return of(bandwidth.work->contains(day, hour) ? bandwidth.at_work : bandwidth.off_work, priority);
  if (!bandwidth.limit) return {};
  if (bandwidth.hours.contains(day, hour)) return {bandwidth.limit, bandwidth.where};
  return {bandwidth.outside, bandwidth.where};
}

bool lies_between(unsigned value, unsigned first, unsigned last) {
  return first <= last ? first <= value && value <= last : value >= first || value <= last;
}

}  // namespace

bool WeeklyHours::contains(unsigned day, unsigned hour) const {
  if (from == to) return lies_between(day, first_day, last_day);
  if (from < to) return hour >= from && hour < to && lies_between(day, first_day, last_day);
  if (hour >= from) return lies_between(day, first_day, last_day);
  return hour < to && lies_between((day + 6) % 7, first_day, last_day);
}

BandwidthNow bandwidth_at(const Bandwidth& bandwidth, base::Priority priority, base::WallTime local) {
  if (priority == base::Priority::foreground || bandwidth.none()) return {};
  const auto index = static_cast<std::size_t>(priority) - 1;
  const auto days = std::chrono::floor<std::chrono::days>(local);
  const unsigned day = std::chrono::weekday(days).c_encoding();
  const auto hour = std::chrono::floor<std::chrono::hours>(local - days).count();
  const unsigned now = day * 24 + static_cast<unsigned>(hour);
  const Held held = held_at(bandwidth, index, now);
  BandwidthNow answer{.kilobits = held.kilobits, .where = held.where, .hours_left = {}};
  // Below that a transfer would not come to its end (policies.md §2).
  if (answer.kilobits && *answer.kilobits > 0) answer.kilobits = std::max(*answer.kilobits, 2U);
  for (unsigned later = 1; later < hours_a_week && !answer.hours_left; ++later)
    if (held_at(bandwidth, index, (now + later) % hours_a_week).kilobits != held.kilobits)
      answer.hours_left = std::chrono::hours(later - 1);
  return answer;
}

BandwidthNow bandwidth_at(std::span<const Bandwidth> all, base::Priority priority,
                          base::WallTime local, bool near) {
  BandwidthNow tightest;
  for (const Bandwidth& one : all) {
    if (near && one.ignore_on_lan) continue;
    BandwidthNow held = bandwidth_at(one, priority, local);
    if (held.kilobits && (!tightest.kilobits || *held.kilobits < *tightest.kilobits))
      tightest = std::move(held);
  }
  return tightest;
}

RateLimits rate_limits(std::span<const Bandwidth> all, base::WallTime local) {
  constexpr std::uint64_t octets_a_kilobit = 125;
  RateLimits limits;
  for (std::size_t i = 0; i < limits.octets.size(); ++i) {
    const BandwidthNow held = bandwidth_at(all, static_cast<base::Priority>(i + 1), local);
    if (held.kilobits) limits.octets[i] = *held.kilobits * octets_a_kilobit;
  }
  const auto holds_near = [](const Bandwidth& one) { return !one.none() && !one.ignore_on_lan; };
  limits.near_free = std::ranges::none_of(all, holds_near) && std::ranges::any_of(all, &Bandwidth::ignore_on_lan);
  return limits;
}

base::WallTime next_hour(base::WallTime local) {
  return std::chrono::floor<std::chrono::hours>(local) + std::chrono::hours(1);
}

}  // namespace backhaul::core
