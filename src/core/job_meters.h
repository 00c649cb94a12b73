// SPDX-License-Identifier: Apache-2.0
// How fast each job receives, over all its transfers together: files come and go, a rate stays. Forgets
// those that have received nothing for a while.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/ids.h"
#include "base/time.h"
#include "core/rate_meter.h"

namespace backhaul::core {

class JobMeters {
 public:
  // One of its transfers begins: the clock runs from here, if it did not run already.
  void begin(const base::JobId& job, base::BootTime now) {
    if (const auto known = meters_.find(job); known != meters_.end() && !known->second.is_quiet(now)) return;
    // Not for each: of many short jobs all would be looked at for every one that begins.
    if (meters_.size() >= most_) {
      std::erase_if(meters_, [now](const auto& entry) { return entry.second.is_quiet(now); });
      most_ = std::max(least, 2 * meters_.size());
    }
    meters_[job].begin(now);
  }
  void add(const base::JobId& job, std::uint64_t octets, base::BootTime now) {
    meters_[job].add(now, octets);
  }
  // Octets a second; 0: not known, or nothing has come for a while.
  std::uint64_t rate(const base::JobId& job, base::BootTime now) const {
    const auto known = meters_.find(job);
    return known == meters_.end() ? 0 : known->second.rate(now);
  }
  std::size_t size() const { return meters_.size(); }

 private:
  static constexpr std::size_t least = 16;  // before those that are quiet are forgotten

  std::unordered_map<base::JobId, RateMeter> meters_;
  std::size_t most_ = least;
};

}  // namespace backhaul::core
