// SPDX-License-Identifier: Apache-2.0
// How much may be given away at a moment: one bucket for all who are served (P10). It is filled with a little less than
// the rate that is laid down: the rest is for heads, for what TLS and TCP put around the octets, and for what lies in
// the bucket. A value: the time is the caller's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace backhaul::neighbours {

class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  void set(std::uint64_t bits_per_second, Clock::time_point now);
  std::uint64_t bits_per_second() const { return bits_; }
  // How many of these octets may go now; 0: none before next().
  std::size_t take(std::size_t most, Clock::time_point now);
  Clock::time_point next() const;

 private:
  double rate() const;  // octets a second
  double room() const;
  void fill(Clock::time_point now);

  std::uint64_t bits_ = 0;
  double octets_ = 0;
  Clock::time_point filled_{};
};

}  // namespace backhaul::neighbours
