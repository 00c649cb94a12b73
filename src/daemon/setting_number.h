// SPDX-License-Identifier: Apache-2.0
// The one rule for numbers in settings files: what is no number is a mistake, and one that is out of range is
// replaced by the nearest that is allowed, with a warning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backhaul::daemon {

// Of the front of `text`, which is left with what stands behind it. One that has too many digits is as far outside
// as there is. Unset: it does not begin with a number, and `text` is as it was.
std::optional<std::int64_t> take_number(std::string_view& text);
// Of all of it; unset where anything else stands there.
std::optional<std::int64_t> number_of(std::string_view text);

struct NumberRange {
  std::int64_t least = 0;
  std::int64_t most = 0;

  std::int64_t nearest(std::int64_t number) const;
  // What is said where another value is used than the one that stands there.
  std::string replaced(std::string_view key, std::string_view value, std::string_view used) const;
};

}  // namespace backhaul::daemon
