// SPDX-License-Identifier: Apache-2.0
// How fast bytes arrive, as people want to read it: over the last seconds, without jumping. Bytes
// come in lumps, about one a second and sometimes thousands of tiny ones, so the rate is taken from
// lump to lump, and what is kept is bounded.
#pragma once

#include <cstdint>
#include <deque>

#include "base/time.h"

namespace backhaul::core {

class RateMeter {
 public:
  // The clock runs from here.
  void begin(base::BootTime now);
  bool begun() const { return !samples_.empty(); }
  void add(base::BootTime now, std::uint64_t bytes);
  // Octets a second; 0: not known yet, or nothing has come for a while.
  std::uint64_t rate(base::BootTime now) const;
  // Nothing has come for so long that a rate would have to be found anew.
  bool is_quiet(base::BootTime now) const;
  bool operator==(const RateMeter&) const = default;

 private:
  struct Sample {
    base::BootTime time{};
    std::uint64_t total = 0;
    bool operator==(const Sample&) const = default;
  };
  std::deque<Sample> samples_;  // at most a dozen
};

}  // namespace backhaul::core
