// SPDX-License-Identifier: Apache-2.0
// Store: the rows of all jobs, and beside them their secrets, which it only knows sealed. What a commit
// takes away of those is not to be found in its files any more when the next checkpoint is over. One
// writer, one commit in flight at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "core/budget.h"
#include "core/event_record.h"
#include "core/job.h"
#include "core/neighbours.h"
#include "core/peer_cache.h"
#include "core/peer_preferences.h"
#include "core/secrets.h"

namespace backhaul::ports {

// The sealed secrets of a job, all of them.
struct ShelfOfJob {
  base::JobId job;
  core::Shelf shelf;
};

struct Snapshot {
  std::vector<core::Job> jobs;    // in no particular order
  std::vector<core::File> files;  // of the first of these jobs, by index, then of the next, …
  std::vector<ShelfOfJob> shelves;  // of jobs that have one
  std::vector<core::EventRecord> events;  // those that stay (core/event_log.h), oldest first
  std::vector<core::Usage> usage;  // in no particular order
  std::vector<core::CacheRecord> cache;  // likewise
  core::PeerPreferences preferences;
  core::Bans bans;  // of neighbours
  std::uint64_t next_sequence = 1;
  base::ServiceTime service_time{};  // of the last commit
};

// Everything one turn changed; written in one transaction.
struct Batch {
  std::vector<core::Job> jobs;       // inserted or replaced by id
  std::vector<core::File> files;     // inserted or replaced by (job, index)
  std::vector<ShelfOfJob> shelves;   // each in the place of the one before; an empty one: none any more
  std::vector<base::JobId> removed;  // with their files and secrets
  std::vector<core::EventRecord> events;  // appended to the log, which is bounded (core/event_log.h)
  std::vector<core::Usage> usage;    // each in the place of the one before (core/budget.h)
  std::vector<core::CacheRecord> cache;      // inserted or replaced by number
  std::vector<std::uint64_t> cache_removed;  // their numbers
  std::optional<core::PeerPreferences> preferences;  // in the place of those before; unset: as they are
  std::optional<core::Bans> bans;    // likewise
  std::uint64_t next_sequence = 1;   // first number that was never given out
  base::ServiceTime service_time{};  // how long the service has run until now

  bool empty() const {
    return jobs.empty() && files.empty() && shelves.empty() && removed.empty() && events.empty() &&
           usage.empty() && cache.empty() && cache_removed.empty() && !preferences && !bans;
  }
};

class Store {
 public:
  virtual ~Store() = default;
  // At start, before the loop runs. May block.
  virtual base::Result<Snapshot> load() = 0;
  // `done` runs later on the loop thread, never inside this call: the batch is durable, or nothing
  // of it was written (DISK_FULL, WRITE_FAULT, …).
  virtual void commit(Batch batch, std::move_only_function<void(base::Result<void>)> done) = 0;
};

}  // namespace backhaul::ports
