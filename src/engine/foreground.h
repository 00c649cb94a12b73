// SPDX-License-Identifier: Apache-2.0
// What the jobs of the foreground have of what they share, as this turn sees it: the turns that there are at once, and
// the places at each server. Where there is no room for one more, turns may end for it by the shares of their owners
// (core/fair_share.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "core/fair_share.h"
#include "engine/agenda.h"
#include "engine/draft.h"

namespace backhaul::engine {

// Some file of the run is on its way from a server that does not do ranges.
bool is_all_or_nothing(const Entry& entry, const Run& run);

class Foreground {
 public:
  Foreground(const Draft& draft, const Agenda& agenda);
  // It has a turn.
  void add(const base::JobId& id, const Run& run);

  // The server of the job's next file, if it has no place for it, and nobody's turn there ends for it.
  std::optional<std::string> full(const base::JobId& id);
  // How many turns he has; unset: no more jobs of his may begin.
  std::optional<std::size_t> turns_of(std::uint32_t owner) const;
  // Likewise how many places at a server that is full.
  std::optional<std::size_t> places_of(std::uint32_t owner, const std::string& server);
  // It begins. Those whose turns end for it.
  std::vector<base::JobId> take(const base::JobId& id);

 private:
  struct Holder {
    base::JobId id;
    const Entry* entry = nullptr;
    const Run* run = nullptr;
    std::uint32_t owner() const { return entry->job.owner_uid; }
  };
  struct Limit {
    core::SharedLimit share;
    std::vector<Holder> holders{};
    void add(const Holder& holder);
    void remove(const base::JobId& id);
  };
  std::string next_server(const base::JobId& id) const;
  Limit& at(const std::string& server);
  bool may_begin(const Limit& limit, std::uint32_t owner) const;
  std::vector<base::JobId> making_way(const Limit& limit) const;
  core::HeldTurn turn_of(const Holder& holder) const;

  const Draft& draft_;
  const Agenda& agenda_;
  Limit link_;  // those whose bytes come
  Limit all_;   // with those that wait for the disk
  std::map<std::string, Limit> servers_;
};

}  // namespace backhaul::engine
