// SPDX-License-Identifier: Apache-2.0
#include "daemon/setting_number.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

namespace backhaul::daemon {

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (problem == std::errc::invalid_argument) return std::nullopt;
  if (problem == std::errc::result_out_of_range)
    number = digits.starts_with('-') ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  text = digits.substr(static_cast<std::size_t>(end - digits.data()));
  return number;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  const auto number = take_number(text);
  return text.empty() ? number : std::nullopt;
}

std::int64_t NumberRange::nearest(std::int64_t number) const { return std::clamp(number, least, most); }

std::string NumberRange::replaced(std::string_view key, std::string_view value, std::string_view used) const {
  return fmt::format("{} = {} is outside {} to {}: using {}", key, value, least, most, used);
}

}  // namespace backhaul::daemon
