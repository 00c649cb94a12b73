// SPDX-License-Identifier: Apache-2.0
// Which jobs wait for a turn, in the order in which they get it: by priority, and within a priority those
// whose slice ended go to the end. Built from committed rows only.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/ids.h"
#include "core/job.h"

namespace backhaul::engine {

class Agenda {
 public:
  void update(const core::Job* before, const core::Job* after);
  // The job's turn was taken: it goes behind the others of its priority.
  void to_the_end(const base::JobId& id);

  using Eligible = std::function<bool(const base::JobId&)>;
  std::optional<base::JobId> first(base::Priority priority, const Eligible& eligible) const;
  // Best background job that could start now.
  std::optional<std::pair<base::Priority, base::JobId>> first_background(
      const Eligible& eligible) const;
  std::size_t queued(base::Priority priority) const {
    return by_priority_[static_cast<std::size_t>(priority)].size();
  }
  // Jobs before this one of its priority; counts no further than position_max, because it is asked for
  // every job of a page.
  static constexpr std::size_t position_max = 100;
  std::size_t position(const core::Job& job) const;
  bool operator==(const Agenda&) const = default;

 private:
  struct Place {
    std::uint64_t round = 0;  // 0: never had a slice taken
    std::uint64_t order = 0;
    base::JobId id;
    auto operator<=>(const Place&) const = default;
  };
  Place place_of(const core::Job& job) const;

  std::array<std::set<Place>, 4> by_priority_;
  std::unordered_map<base::JobId, std::uint64_t> rounds_;
  std::uint64_t next_round_ = 1;
};

}  // namespace backhaul::engine
