// SPDX-License-Identifier: Apache-2.0
// Which jobs wait for a turn, in the order in which they get it: by priority, within a priority by turns of their
// owners, whoever has how many, and of each owner those whose slice ended go to the end. Built from committed rows
// only. Whoever waits for something else as well
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
#include "core/fair_share.h"
#include "core/job.h"
#include "engine/seen_server.h"

namespace backhaul::engine {

class Agenda {
 public:
  void update(const core::Job* before, const core::Job* after);
  // The job's turn was taken: it goes behind the others of its priority.
  void to_the_end(const base::JobId& id);
  // One of an owner's jobs was given a turn: the others of that owner come behind those of others.
  void served(std::uint32_t owner);

  // A job in the line waits for this: a server that does not want to see it, or, without a name, an answer
  // about itself. Its next change brings it back, too.
  void set_aside(const core::Job& job, const SeenServer& server);
  void take_back(const base::JobId& job);
  // Of those that wait for a server the first ones, as many as it has room for: of those who have least there. True:
  // there were some.
  bool take_back_from(const std::function<core::SharedLimit(const SeenServer&)>& places);

  using Eligible = std::function<bool(const base::JobId&)>;
  // What an owner has already, those included that were just found eligible: whoever has least comes first. Unset: no
  // more of his are looked at.
  using Held = std::function<std::optional<std::size_t>(std::uint32_t owner)>;
  // The first ones, at most so many.
  std::vector<base::JobId> first(base::Priority priority, std::size_t count, const Eligible& eligible,
                                 const Held& held) const;
  // Likewise of those that are set aside, for one server after the other.
  using HeldAt = std::function<std::optional<std::size_t>(const SeenServer&, std::uint32_t owner)>;
  std::vector<base::JobId> first_aside(base::Priority priority, std::size_t count, const Eligible& eligible,
                                       const HeldAt& held) const;
  // Best background job that could start now.
  std::optional<std::pair<base::Priority, base::JobId>> first_background(
      const Eligible& eligible) const;
  std::size_t queued(base::Priority priority) const;
  // Whose jobs these are, and those that are set aside for a server.
  std::vector<std::uint32_t> owners(base::Priority priority) const;
  std::vector<std::uint32_t> owners_behind(const SeenServer& server, base::Priority priority) const;
  // Jobs before this one of its priority, as it looks now; counts no further than position_max, because it is asked
  // for every job of a page.
  static constexpr std::size_t position_max = 100;
  std::size_t position(const core::Job& job) const;
  bool operator==(const Agenda&) const = default;

 private:
  struct Place {
    std::uint64_t round = 0;  // 0: never had a slice taken
    std::uint64_t order = 0;
    base::JobId id;
    std::uint32_t owner = 0;
    auto operator<=>(const Place&) const = default;
  };
  using Line = std::map<std::uint32_t, std::set<Place>>;  // of each owner; none is empty
  static std::vector<std::uint32_t> owners_of(const Line& line);
  using Lines = std::array<Line, 4>;  // of each priority
  struct Aside {
    SeenServer server;
    base::Priority priority{};
    Place place;
    bool operator==(const Aside&) const = default;
  };
  Place place_of(const core::Job& job) const;
  Line& line(base::Priority priority) { return by_priority_[static_cast<std::size_t>(priority)]; }
  const Line& line(base::Priority priority) const { return by_priority_[static_cast<std::size_t>(priority)]; }
  static bool remove(Line& line, const Place& place);
  // The first ones of a line, at most so many: of those who have as much as each other one of each, then one more.
  std::vector<base::JobId> pick(const Line& line, std::size_t count, const Eligible& eligible, const Held& held) const;
  // Whose turn is it? Those that had none for longest come first, or whose first job is the oldest.
  std::vector<const std::set<Place>*> by_turns(const Line& line) const;

  Lines by_priority_;
  std::unordered_map<base::JobId, Aside> aside_;
  std::map<SeenServer, Lines> behind_;  // the same, by server
  std::unordered_map<base::JobId, std::uint64_t> rounds_;
  std::map<std::uint32_t, std::uint64_t> owners_served_;  // of those that wait: in which round, last
  std::uint64_t next_round_ = 1;
};

}  // namespace backhaul::engine
