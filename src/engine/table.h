// SPDX-License-Identifier: Apache-2.0
// The committed table: what is on disk, and nothing else (but soft facts that a restart restores by
// itself, such as CONNECTING instead of QUEUED). Reads answer from here. Changes arrive only as a
// merged draft.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "core/job.h"
#include "engine/owners.h"

namespace backhaul::engine {

struct Entry {
  core::Job job;
  std::vector<core::File> files;  // by index

  // The first that is not here yet; null: none.
  const core::File* next_file() const;
  bool operator==(const Entry&) const = default;
};

class Table {
 public:
  const Entry* find(const base::JobId& id) const;  // tombstones included
  bool in_queue(const base::JobId& id) const { return entries_.contains(id); }
  std::size_t size() const { return entries_.size(); }
  // In the order in which they were made; of some owner: owners().
  Owners::InOrder by_order() const { return owners_.all(); }
  const Owners& owners() const { return owners_; }
  // Jobs with an object, a callback or a certificate validator, in this process of the bus.
  std::vector<base::JobId> registered_by(const std::string& unique_name) const;
  std::size_t registrations(const std::string& unique_name) const;  // how many those are

  void insert(Entry entry);
  // Replaces the job row and the given files.
  void replace(core::Job job, std::vector<core::File> files);
  // Leaves the queue; goes on answering as a tombstone while `holder` is on the bus, and for a
  // while after (bounded in number).
  void bury(const base::JobId& id, base::PeerId holder);
  void peer_gone(base::PeerId peer);
  bool holds_tombstones() const;
  bool operator==(const Table&) const = default;

 private:
  struct Tombstone {
    Entry entry;
    base::PeerId holder{};
    bool operator==(const Tombstone&) const = default;
  };

  std::unordered_map<base::JobId, Entry> entries_;
  Owners owners_;
  std::set<std::pair<std::string, base::JobId>> objects_;  // unique name of a registration
  std::unordered_map<std::string, std::size_t> registrations_;
  std::unordered_map<base::JobId, Tombstone> tombstones_;
  std::deque<base::JobId> tombstone_order_;

  void index_objects(const core::Job& job, bool present);
  void index_object(const core::ObjectRegistration& object, const base::JobId& job, bool present);
};

}  // namespace backhaul::engine
