// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/pace.h"

#include <algorithm>

namespace backhaul::neighbours {
namespace {

constexpr double share_of_octets = 0.94;
constexpr double seconds_of_room = 0.1;
constexpr double least_room = 2048;

}  // namespace

double Pace::rate() const { return static_cast<double>(bits_) / 8 * share_of_octets; }
double Pace::room() const { return std::max(rate() * seconds_of_room, least_room); }

void Pace::fill(Clock::time_point now) {
  if (now <= filled_) return;
  const std::chrono::duration<double> passed = now - filled_;
  octets_ = std::min(room(), octets_ + rate() * passed.count());
  filled_ = now;
}

void Pace::set(std::uint64_t bits_per_second, Clock::time_point now) {
  fill(now);
  bits_ = std::max<std::uint64_t>(bits_per_second, 1);
  octets_ = std::min(octets_, room());
  filled_ = now;
}

std::size_t Pace::take(std::size_t most, Clock::time_point now) {
  fill(now);
  // Not by drops: each piece costs a record of TLS.
  if (octets_ < std::min(static_cast<double>(most), room() / 2)) return 0;
  const std::size_t taken = std::min(most, static_cast<std::size_t>(octets_));
  octets_ -= static_cast<double>(taken);
  return taken;
}

Pace::Clock::time_point Pace::next() const {
  const double missing = std::max(0.0, room() / 2 - octets_);
  return filled_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(missing / rate())) +
         std::chrono::milliseconds(1);
}

}  // namespace backhaul::neighbours
