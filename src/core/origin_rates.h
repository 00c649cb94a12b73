// SPDX-License-Identifier: Apache-2.0
// How fast files came from their servers, as far as this service remembers: a neighbour that fetches one much more slowly
// is not worth the wait. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/time.h"

namespace backhaul::core {

class OriginRates {
 public:
  static constexpr std::size_t origins_max = 256;
  // What takes less time says nothing of a rate.
  static constexpr base::Microseconds least_time = std::chrono::seconds(2);

  // So much of a file came from there. The last files count most.
  void note(const std::string& origin, std::uint64_t octets, base::Microseconds took);
  // Octets a second; 0: not known.
  std::uint64_t of(const std::string& origin) const;
  bool operator==(const OriginRates&) const = default;

 private:
  std::map<std::string, std::uint64_t> rates_;
};

}  // namespace backhaul::core
