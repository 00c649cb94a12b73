// SPDX-License-Identifier: Apache-2.0
// Servers that asked to be left alone (Retry-After), and until when. The wish of a server is for every
// job that would go there; it is kept in the row of the one that was told, and here for all.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "base/time.h"

namespace backhaul::engine {

class OriginHolds {
 public:
  bool empty() const { return until_.empty(); }
  void hold(const std::string& origin, base::BootTime until) {
    base::BootTime& held = until_[origin];
    held = std::max(held, until);
  }
  void lift(const std::string& origin) { until_.erase(origin); }
  std::optional<base::BootTime> until(const std::string& origin, base::BootTime now) const {
    const auto found = until_.find(origin);
    if (found == until_.end() || found->second <= now) return std::nullopt;
    return found->second;
  }
  // When the first of them ends; base::never without any.
  base::BootTime next() const {
    base::BootTime first = base::never;
    for (const auto& [origin, until] : until_) first = std::min(first, until);
    return first;
  }
  void forget_past(base::BootTime now) {
    std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
  }

 private:
  std::map<std::string, base::BootTime> until_;
};

}  // namespace backhaul::engine
