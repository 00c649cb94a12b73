// SPDX-License-Identifier: Apache-2.0
#include "core/amounts.h"

#include <array>
#include <cstddef>
#include <cstdio>
#include <string_view>

namespace backhaul::core {

std::string amount_text(std::uint64_t octets) {
  constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(octets);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < units.size(); ++unit) value /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f " : "%.1f ", value);
  return text.data() + std::string(units[unit]);
}

}  // namespace backhaul::core
