// SPDX-License-Identifier: Apache-2.0
// What is known of paths when nobody uses them, over restarts: how long a round trip takes without a queue, and
// what the path carries (core/scavenger.h). It ages, because a line may become another one; what is wrong in it
// costs a few round trips, since the control goes on to measure. The clock on the wall may lie: what seems to
// come from the future is old, and one that was set ahead makes us forget and nothing worse.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "core/scavenger.h"

namespace backhaul::core {

// The capacity fades by half a day, so that a line that became slower is not taken for one that others fill;
// behind a week nothing is known any more.
PathMemory aged(const PathMemory& memory, base::Microseconds age);

class PathBook {
 public:
  static constexpr std::size_t most = 256;  // those that were used last

  void keep(const std::string& path, const PathMemory& memory, base::WallTime now);
  PathMemory recall(const std::string& path, base::WallTime now) const;
  std::size_t size() const { return entries_.size(); }

  // A line for each, with a digest: what is damaged is left out.
  std::string text() const;
  static PathBook parse(std::string_view text);
  bool operator==(const PathBook&) const = default;

 private:
  struct Entry {
    PathMemory memory{};
    base::WallTime used{};
    bool operator==(const Entry&) const = default;
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace backhaul::core
