// SPDX-License-Identifier: Apache-2.0
// Caching: what is kept for neighbours of the files that are here. Owns the records and what is known of the folder of
// their copies. What becomes of a record follows from the rows of its job, which it looks at when a turn has decided
// everything else; so no step of a file has to know of it. A record is written when its copy is there, and a copy
// that no row knows goes with the next start: what was being made when the service died is kept for nobody. What may be
// given away is told to the neighbourhood, once it is known that its copy is there; what somebody is being given stays.
// Files that are here before the folder was looked at wait for that.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "engine/cache_table.h"
#include "engine/change.h"
#include "engine/draft.h"
#include "ports/events.h"

namespace backhaul::engine {

class Caching {
 public:
  const CacheTable& table() const { return table_; }
  const CacheRoom& room() const { return room_; }

  void recovered(std::vector<core::CacheRecord> stored, base::ServiceTime now);
  void on(Draft& draft, ports::CacheLooked& event) const;
  void on(Draft& draft, ports::CopyMade& event) const;
  void on(Draft& draft, ports::RecordServed& event) const;
  // What is being copied is given up.
  void on(Draft& draft, const news::Stopping& news) const;
  // At the end of a turn: what its rows, its policy and the time mean for what is kept.
  void settle(Draft& draft) const;
  void merged(Change& change);
  // Whoever is being given it now gets the rest.
  static void remove(Draft& draft, const base::RecordId& id);

  // When the record that was used least recently is too old.
  base::BootTime next(const Context& context) const;
  bool idle() const { return room_.asked == room_.looked && table_.in_the_making() == 0; }
  bool operator==(const Caching&) const = default;

 private:
  void look(Draft& draft) const;
  void judge_all(Draft& draft) const;
  void judge(Draft& draft, const base::RecordId& id) const;
  void look_at_job(Draft& draft, const base::JobId& id) const;
  void keep_waiting(Draft& draft) const;
  void keep(Draft& draft, const base::JobId& id, std::uint32_t file) const;
  void replace_others(Draft& draft, const core::CacheRecord& offered) const;
  void drop_old(Draft& draft) const;
  void make_room(Draft& draft) const;
  void tell_neighbours(Draft& draft) const;

  CacheTable table_;
  CacheRoom room_;
};

}  // namespace backhaul::engine
