// SPDX-License-Identifier: Apache-2.0
// The whole queue as it stands in the database: every row that can be one of ours, and what could
// not be read. Of a row whose checksum is wrong only that it is there is believed. Numbers are checked here, before anything is counted or allocated by them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/rows.h"
#include "os/memory.h"
#include "ports/store.h"

namespace backhaul::sqlite {

struct StoredJob {
  std::int64_t row = 0;
  std::uint32_t files = 0;
  bool secrets = false;  // rows of them are stored
  bool stored = false;  // else it was only given a number, for a transaction that failed
};

struct Reading {
  // Whole jobs: a file whose row is missing is there as core::lost_file.
  ports::Snapshot snapshot;
  std::unordered_map<base::JobId, StoredJob> rows;
  std::int64_t next_row = 1;
  std::unique_ptr<os::HeapAhead> ahead;  // for them
  std::optional<QueueNumbers> numbers;  // unset: their row is not sound
  std::optional<base::Error> damage;  // the first that was met
  std::size_t excess_events = 0;      // of the log, beyond its length: left out
  std::size_t bad_jobs = 0;           // rows that are no jobs
  std::size_t lost_files = 0;         // that their jobs had
  std::size_t bad_secrets = 0;        // not believed: whoever needs one is told that it is lost
  std::unordered_set<base::JobId> lost_secrets;  // jobs with one of them
  std::unordered_set<base::JobId> incomplete;  // jobs with one of them
  std::unordered_set<base::JobId> doubtful;    // jobs whose row has a wrong checksum
  // Rows of files and events with one: left out, and not to be met again.
  std::vector<std::pair<std::int64_t, std::uint32_t>> bad_files;  // row of the job, index
  std::vector<std::int64_t> bad_events;
  std::size_t bad_usage = 0;  // not believed: so much more may come
  std::size_t bad_cache = 0;  // likewise: their copies are kept for nobody
  bool bad_preferences = false;  // likewise: nobody asked for anything
  std::size_t bad_bans = 0;      // likewise: they are asked

  bool has_doubtful() const {
    return !doubtful.empty() || !bad_files.empty() || !bad_events.empty() || bad_secrets > 0 ||
           bad_usage > 0 || bad_cache > 0 || bad_preferences || bad_bans > 0 || !numbers;
  }
};

// About how many rows there are: room for them is made at once, and given back to the system at once.
struct Expected {
  std::uint64_t jobs = 0;
  std::uint64_t files = 0;
  std::size_t memory = 0;  // in small pieces
};

// What so many take at least. `path`: of the database, since a record can be wrong.
std::size_t memory_of(Expected expected, const std::string& path);

// An error is one that has nothing to do with what stands in the database.
base::Result<Reading> read_queue(Database& database, Expected expected);

// A database of the right version whose tables are not ours was tampered with.
base::Result<Statement> prepare_own(Database& database, const std::string& sql);

}  // namespace backhaul::sqlite
