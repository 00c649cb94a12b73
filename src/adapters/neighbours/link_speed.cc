// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/link_speed.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace backhaul::neighbours {

std::uint64_t slowest_link(const std::string& folder) {
  std::uint64_t slowest = 0;
  std::error_code error;
  for (const auto& one : std::filesystem::directory_iterator(folder, error)) {
    if (one.path().filename() == "lo") continue;
    std::string state;
    std::ifstream(one.path() / "operstate") >> state;
    std::int64_t megabits = 0;
    if (state != "up" || !(std::ifstream(one.path() / "speed") >> megabits) || megabits <= 0) continue;
    const std::uint64_t bits = static_cast<std::uint64_t>(megabits) * 1'000'000;
    slowest = slowest == 0 ? bits : std::min(slowest, bits);
  }
  return slowest;
}

}  // namespace backhaul::neighbours
