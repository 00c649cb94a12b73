// SPDX-License-Identifier: Apache-2.0
#include "core/size_text.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace backhaul::core {

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + "B";
  constexpr std::string_view units = "KMGTPE";
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < units.size(); ++unit) value /= 1024;
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.1f%c", value, units[unit]);
  return text.data();
}

}  // namespace backhaul::core
