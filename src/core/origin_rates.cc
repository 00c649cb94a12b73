// SPDX-License-Identifier: Apache-2.0
#include "core/origin_rates.h"

#include <chrono>

namespace backhaul::core {

void OriginRates::note(const std::string& origin, std::uint64_t octets, base::Microseconds took) {
  if (origin.empty() || octets == 0 || took < least_time) return;
  const auto rate =
      static_cast<std::uint64_t>(static_cast<double>(octets) / std::chrono::duration<double>(took).count());
  const auto known = rates_.find(origin);
  if (known != rates_.end()) {
    known->second = known->second / 2 + rate / 2;
    return;
  }
  if (rates_.size() >= origins_max) rates_.erase(rates_.begin());
  rates_.emplace(origin, rate);
}

std::uint64_t OriginRates::of(const std::string& origin) const {
  const auto known = rates_.find(origin);
  return known == rates_.end() ? 0 : known->second;
}

}  // namespace backhaul::core
