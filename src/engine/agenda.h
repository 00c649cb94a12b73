// SPDX-License-Identifier: Apache-2.0
// Which jobs wait for a turn, in the order in which they get it: by priority, and within a priority those
// whose slice ended go to the end. Built from committed rows only. Whoever waits for something else as well
// is set aside until that is over, so that nobody looks at it with every turn; it keeps its place.
#pragma once

#include <array>
#include <cstdint>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "core/job.h"

namespace backhaul::engine {

class Agenda {
 public:
  void update(const core::Job* before, const core::Job* after);
  // The job's turn was taken: it goes behind the others of its priority.
  void to_the_end(const base::JobId& id);

  // A job in the line waits for this: a server that does not want to see it, or, without a name, an answer
  // about itself. Its next change brings it back, too.
  void set_aside(const core::Job& job, const std::string& server);
  void take_back(const base::JobId& job);
  // Of those that wait for a server the first ones, as many as it has room for. True: there were some.
  bool take_back_from(const std::function<std::size_t(const std::string&)>& room);

  using Eligible = std::function<bool(const base::JobId&)>;
  // The first ones, at most so many.
  std::vector<base::JobId> first(base::Priority priority, std::size_t count,
                                 const Eligible& eligible) const;
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
  struct Aside {
    std::string server;
    base::Priority priority{};
    Place place;
    bool operator==(const Aside&) const = default;
  };
  Place place_of(const core::Job& job) const;
  std::set<Place>& line(base::Priority priority) {
    return by_priority_[static_cast<std::size_t>(priority)];
  }

  std::array<std::set<Place>, 4> by_priority_;
  std::unordered_map<base::JobId, Aside> aside_;
  std::map<std::string, std::set<std::pair<base::Priority, Place>>> behind_;  // the same, by server
  std::unordered_map<base::JobId, std::uint64_t> rounds_;
  std::uint64_t next_round_ = 1;
};

}  // namespace backhaul::engine
