// SPDX-License-Identifier: Apache-2.0
// The committed table: what is on disk, and nothing else (but soft facts that a restart restores by
// itself, such as CONNECTING instead of QUEUED). Reads answer from here. Changes arrive only as a
// merged draft.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "core/job.h"
#include "engine/by_order.h"
#include "engine/owners.h"

namespace backhaul::engine {

struct Entry {
  core::Job job;
  std::vector<core::File> files;  // by index
  // Where the first stands that is not here yet, and the first that owes an event; as many as there are
  // files: none. The table keeps them: to look for them would cost a walk over all files of the job.
  std::uint32_t first_waiting = 0;
  std::uint32_t first_owing = 0;
  // What all of it takes (core/weight.h); the table keeps it as well. When it is inserted: what lies sealed beside its
  // rows.
  std::uint64_t octets = 0;

  // The first that is not here yet; null: none.
  const core::File* next_file() const {
    return first_waiting < files.size() ? &files[first_waiting] : nullptr;
  }
  bool operator==(const Entry&) const = default;
};

class Table {
 public:
  const Entry* find(const base::JobId& id) const;  // tombstones included
  bool in_queue(const base::JobId& id) const { return entries_.contains(id); }
  std::size_t size() const { return entries_.size(); }
  // How often find() was asked: tests count by it what a turn costs in a large queue.
  std::uint64_t looked_for() const { return looked_for_.times; }
  // In the order in which they were made; of some owner: owners().
  Owners::InOrder by_order() const { return owners_.all(); }
  const Owners& owners() const { return owners_; }
  std::size_t made_by(const core::Creator& creator) const;  // how many jobs
  // Those in one of the states in which something may move them: waiting for a turn, running, or
  // waiting in TRANSIENT_ERROR. Of other states none are listed.
  const ByOrder& in(base::JobState state) const {
    return by_state_[static_cast<std::size_t>(state)];
  }
  // Of those in TRANSIENT_ERROR: how many wait for an address that somebody has to give.
  std::size_t waiting_for_address() const { return waiting_for_address_; }
  // How many are being completed or cancelled, from the moment on in which that was decided.
  std::size_t closing() const { return closing_; }
  // Jobs that this server told to wait.
  std::vector<base::JobId> told_to_wait(const std::string& origin) const {
    return listed(wishes_, origin);
  }
  // Jobs with an object, a callback or a certificate validator, in this process of the bus.
  std::vector<base::JobId> registered_by(const std::string& unique_name) const {
    return listed(objects_, unique_name);
  }
  std::size_t registrations(const std::string& unique_name) const;  // how many those are

  void reserve(std::size_t jobs) { entries_.reserve(jobs); }
  const Entry& insert(Entry entry);  // stays where it is until it leaves the queue
  // Replaces the job row and the given files.
  void replace(core::Job job, std::vector<core::File> files);
  // What of the job lies sealed beside its rows took so much, and takes so much now.
  void reseal(const base::JobId& id, std::uint64_t before, std::uint64_t after);
  // Leaves the queue; goes on answering as a tombstone while `holder` is on the bus, and for a
  // while after: bounded in number, and for each account in octets, but for the one that ended last.
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

  struct Count {  // no part of what is in the table
    std::uint64_t times = 0;
    bool operator==(const Count&) const { return true; }
  };
  using ByText = std::set<std::pair<std::string, base::JobId>>;
  static std::vector<base::JobId> listed(const ByText& all, const std::string& text);

  std::unordered_map<base::JobId, Entry> entries_;
  Owners owners_;
  std::array<ByOrder, base::job_state_count> by_state_;
  std::size_t waiting_for_address_ = 0;
  std::size_t closing_ = 0;
  ByText objects_;  // unique name of a registration
  ByText wishes_;   // origin of a wish
  mutable Count looked_for_;
  std::unordered_map<std::string, std::size_t> registrations_;
  std::map<core::Creator, std::size_t> made_by_;  // none of them 0
  std::unordered_map<base::JobId, Tombstone> tombstones_;
  std::deque<base::JobId> tombstone_order_;
  core::ByAccount<std::uint64_t> tombstone_octets_;  // none of them 0

  void index(const core::Job& job, bool present);
  void reweigh(Entry& entry, std::uint64_t octets);
  void drop_tombstones_of(const core::Account& account);
  void drop_tombstone(std::size_t place);
  void count_creator(const core::Job& job, bool present);
  void index_object(const core::ObjectRegistration& object, const base::JobId& job, bool present);
};

}  // namespace backhaul::engine
