// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/schema.h"

#include <concepts>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/row_sum.h"

namespace backhaul::sqlite {
namespace {

// Version 1. Unsigned 64-bit numbers are stored as signed ones of the same bits. A file belongs to
// the row number of its job, and rows are numbered as they come, so that new jobs are written side
// by side: ids are random, and tables ordered by them would dirty a page for every row. `sum` is the
// checksum over all other columns of a row (row_sum.h): a later version that adds a column has to write
// it anew.
constexpr const char* version_1 = R"sql(
CREATE TABLE queue (
  only INTEGER PRIMARY KEY CHECK (only = 0),
  next_sequence INTEGER NOT NULL,
  commits INTEGER NOT NULL,       -- the record beside the database (record.h) tells whether one is missing
  service_time INTEGER NOT NULL,
  sum INTEGER NOT NULL
) STRICT;

CREATE TABLE job (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL CHECK (length(id) = 16),
  creation INTEGER NOT NULL,
  owner_uid INTEGER NOT NULL,
  made_by_uid INTEGER NOT NULL,
  made_by_program TEXT NOT NULL,
  made_by_time INTEGER NOT NULL,
  type INTEGER NOT NULL,
  state INTEGER NOT NULL,
  intent INTEGER NOT NULL,
  started INTEGER NOT NULL,
  object_bus_id TEXT,
  object_unique_name TEXT,
  object_path TEXT,
  object_level INTEGER,
  object_uid INTEGER,
  object_sequence INTEGER,
  object_set_by_uid INTEGER,
  object_set_by_program TEXT,
  object_set_by_time INTEGER,
  certificate_check_bus_id TEXT,
  certificate_check_unique_name TEXT,
  certificate_check_path TEXT,
  certificate_check_level INTEGER,
  certificate_check_uid INTEGER,
  certificate_check_sequence INTEGER,
  certificate_check_accepted TEXT,
  class_name TEXT,
  class_path TEXT,
  class_set_by_uid INTEGER,
  class_set_by_program TEXT,
  class_set_by_time INTEGER,
  command_program TEXT,
  command_parameters TEXT,
  command_uid INTEGER,
  command_set_by_uid INTEGER,
  command_set_by_program TEXT,
  command_set_by_time INTEGER,
  pending_kind INTEGER,
  pending_sequence INTEGER,
  pending_rung INTEGER,
  pending_attempts INTEGER,
  pending_failed_starts INTEGER,
  pending_due_boot_id INTEGER,
  pending_due_boot INTEGER,
  pending_due_wall INTEGER,
  pending_due_period INTEGER,
  event_file INTEGER NOT NULL,
  file_event_kind INTEGER,
  file_event_sequence INTEGER,
  file_event_rung INTEGER,
  file_event_attempts INTEGER,
  file_event_failed_starts INTEGER,
  file_event_due_boot_id INTEGER,
  file_event_due_boot INTEGER,
  file_event_due_wall INTEGER,
  file_event_due_period INTEGER,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  active INTEGER NOT NULL,
  transferred INTEGER NOT NULL,
  error_count INTEGER NOT NULL,
  error_code INTEGER,
  error_context INTEGER,
  error_file INTEGER,
  error_text TEXT,
  error_of_this_machine INTEGER,
  retry_boot_id INTEGER,
  retry_boot INTEGER,
  retry_wall INTEGER,
  retry_period INTEGER,
  stuck_since INTEGER,
  server_wish_origin TEXT,
  server_wish_boot_id INTEGER,
  server_wish_boot INTEGER,
  server_wish_wall INTEGER,
  server_wish_period INTEGER,
  server_wish_for_all INTEGER,
  address_file INTEGER NOT NULL,
  time_used INTEGER NOT NULL,
  urgency INTEGER,
  time_before INTEGER,
  bytes_resumed INTEGER,
  files_total INTEGER NOT NULL,
  files_transferred INTEGER NOT NULL,
  files_size_unknown INTEGER NOT NULL,
  files_bytes_known INTEGER NOT NULL,
  files_bytes_stored INTEGER NOT NULL,
  application TEXT,
  account TEXT,
  proxy_usage INTEGER,
  proxy_list TEXT,
  proxy_bypass TEXT,
  proxy_environment_http TEXT,
  proxy_environment_https TEXT,
  proxy_environment_all TEXT,
  proxy_environment_bypass TEXT,
  takeover_uid INTEGER,           -- who takes the job over, or whose it was (core/job.h)
  takeover_account TEXT,
  takeover_parts_taken INTEGER,
  secrets TEXT,                   -- which there are; their values are rows of their own
  sum INTEGER NOT NULL
) STRICT;

-- Sealed. Here, and not in the row of the job, which every step copies.
CREATE TABLE secret (
  job INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  sealed TEXT NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (job, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  sequence INTEGER PRIMARY KEY,
  job BLOB NOT NULL CHECK (length(job) = 16),
  kind INTEGER NOT NULL,
  file INTEGER NOT NULL,
  code INTEGER NOT NULL,
  owner_uid INTEGER NOT NULL,
  time INTEGER NOT NULL,
  end_state INTEGER NOT NULL,
  job_order INTEGER NOT NULL,
  application TEXT,
  account TEXT NOT NULL,
  sum INTEGER NOT NULL
) STRICT;

-- Octets that came, by the day of the local calendar (core/budget.h).
CREATE TABLE usage (
  day INTEGER NOT NULL,
  network TEXT NOT NULL,
  owner_uid INTEGER NOT NULL,
  application TEXT NOT NULL,
  octets INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (day, network, owner_uid, application)
) STRICT, WITHOUT ROWID;

-- Files that are kept for neighbours (core/peer_cache.h).
CREATE TABLE cache (
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL CHECK (length(id) = 16),
  job BLOB NOT NULL CHECK (length(job) = 16),
  file INTEGER NOT NULL,
  validated INTEGER NOT NULL,
  remote_size INTEGER NOT NULL,
  last_modified TEXT NOT NULL,
  etag TEXT NOT NULL,
  size INTEGER NOT NULL,
  digest TEXT NOT NULL,
  made INTEGER NOT NULL,
  accessed INTEGER NOT NULL,
  used INTEGER NOT NULL,
  wanted TEXT,                    -- ranges; none: the whole object
  url TEXT NOT NULL,
  sum INTEGER NOT NULL
) STRICT;

-- What programs asked for of all that; one row, or none (core/peer_preferences.h).
CREATE TABLE preference (
  only INTEGER PRIMARY KEY CHECK (only = 0),
  cache_percent INTEGER,
  content_age INTEGER,
  peer_flags INTEGER,
  sum INTEGER NOT NULL
) STRICT;

-- Neighbours that lied, and until when on the service clock they are not asked (core/neighbours.h).
CREATE TABLE ban (
  number INTEGER PRIMARY KEY,
  neighbour TEXT NOT NULL,        -- its key
  until INTEGER NOT NULL,
  sum INTEGER NOT NULL
) STRICT;

CREATE TABLE file (
  job INTEGER NOT NULL,
  file_index INTEGER NOT NULL,
  state INTEGER NOT NULL,
  validated INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  durable_offset INTEGER NOT NULL,  -- of the first gap
  durable_behind TEXT,              -- what is stored behind it
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  mount INTEGER NOT NULL,
  tail INTEGER NOT NULL,
  last_write INTEGER NOT NULL,
  fruitless_restarts INTEGER,
  high_water INTEGER NOT NULL,
  event INTEGER NOT NULL,
  remote_size INTEGER NOT NULL,
  remote_last_modified TEXT NOT NULL,
  remote_etag TEXT NOT NULL,
  remote_resumable INTEGER NOT NULL,
  remote_encoding TEXT NOT NULL,
  remote_end_untold INTEGER NOT NULL,
  remote_digest TEXT NOT NULL,
  remote_for_one INTEGER NOT NULL,
  remote_version_untold INTEGER NOT NULL,
  moved INTEGER NOT NULL,
  ranges_refused INTEGER NOT NULL,
  led_away INTEGER,
  received TEXT,
  neighbours_octets INTEGER,        -- of the first gap of what came from them
  neighbours_octets_behind TEXT,    -- what came from them behind it
  neighbours_givers TEXT,           -- keys, each with what it sent
  neighbours_origin_only INTEGER,
  fresh_epoch INTEGER,
  fresh_offset INTEGER,
  fresh_device INTEGER,
  fresh_inode INTEGER,
  doubts_contradictions INTEGER,
  doubts_unproven INTEGER,
  doubts_unproven_since INTEGER,
  mirrors_addresses TEXT,           -- one a line
  mirrors_current INTEGER,
  mirrors_told_by INTEGER,
  mirrors_failed INTEGER,
  mirrors_passing_code INTEGER,
  mirrors_passing_context INTEGER,
  mirrors_passing_file INTEGER,
  mirrors_passing_text TEXT,
  mirrors_passing_of_this_machine INTEGER,
  digests TEXT,
  expected_size INTEGER,
  expected_pieces TEXT,             -- length, algorithm, digests
  expected_bad INTEGER,
  expected_signature TEXT,
  expected_key TEXT,
  torrent TEXT,
  duplicates TEXT,                  -- one a line
  wanted TEXT,                      -- ranges; none: the whole file
  demand_position INTEGER,
  demand_asked TEXT,                -- what is missing of what was asked for ahead of the rest
  response_headers TEXT NOT NULL,
  remote TEXT NOT NULL,
  local TEXT NOT NULL,
  root TEXT,
  sum INTEGER NOT NULL,
  PRIMARY KEY (job, file_index)
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* steps_to_now[] = {version_1};
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  static_assert(since >= 1 && since <= std::size(steps_to_now), #member " has no column");
#include "backhaul/job_settings.def"

// The settings that came with a version; every one has a column of its own (backhaul/job_settings.def). What few jobs
// have is NULL in all others, like every value that is not there: a column costs time also where it holds nothing.
std::string setting_columns(std::size_t version) {
  std::string sql;
  const auto add = [&](std::size_t since, std::string_view name, const std::string& type_and_default) {
    if (since != version) return;
    sql.append("ALTER TABLE job ADD COLUMN ").append(name).append(type_and_default).append(";\n");
  };
  const auto column = []<class First>(First first) {
    if constexpr (std::integral<First>)
      return " INTEGER NOT NULL DEFAULT " + std::to_string(static_cast<std::int64_t>(first));
    else
      return std::string(" TEXT NOT NULL DEFAULT '") + first + "'";
  };
  const auto rare_column = []<class First>(First) { return std::string(std::integral<First> ? " INTEGER" : " TEXT"); };
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  add(since, #member, column(first));
#define BACKHAUL_RARE_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  add(since, #member, rare_column(first));
#include "backhaul/job_settings.def"
  return sql;
}

// A queue begins with a row that is as sound as any other.
std::string first_numbers() {
  RowSum sum;
  for (const std::int64_t value : {0, 1, 0, 0}) sum.number(value);
  return "INSERT INTO queue VALUES (0, 1, 0, 0, " + std::to_string(sum.value()) + ");\n";
}

}  // namespace

std::span<const std::string> migrations() {
  static const std::vector<std::string> steps = [] {
    std::vector<std::string> made;
    for (const char* step : steps_to_now) made.push_back(step + setting_columns(made.size() + 1));
    made.front() += first_numbers();
    return made;
  }();
  return steps;
}

// Unsynced, since nothing is in it yet: what makes a log for it syncs its first page as well.
base::Result<void> lay_out(Database& database) {
  return database.run("PRAGMA synchronous = OFF; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = FULL");
}

base::Result<void> migrate(Database& database, std::span<const std::string> steps) {
  using base::Code;
  using base::ErrorContext;
  const auto newest = static_cast<std::int64_t>(steps.size());
  BH_TRY(const std::int64_t version, database.number("PRAGMA user_version"));
  BH_TRY(const std::int64_t owner, database.number("PRAGMA application_id"));
  BH_TRY(const std::int64_t things, database.number("SELECT count(*) FROM sqlite_schema"));
  const bool empty = version == 0 && owner == 0 && things == 0;
  if (!empty && (owner != application_id || version < 1))
    return base::Error(Code::BG_E_DATABASE_CORRUPT, ErrorContext::general_queue_manager,
                       "The queue database belongs to another program.");
  if (version > newest)
    return base::Error(Code::CO_E_NOT_SUPPORTED, ErrorContext::general_queue_manager,
                       "The queue database has version " + std::to_string(version) +
                           ", written by a newer backhaul; this one knows versions up to " +
                           std::to_string(newest) + ". Install the newer one again.");
  if (version == newest) return {};
  BH_TRY(Transaction transaction, Transaction::begin(database));
  for (std::int64_t i = version; i < newest; ++i)
    BH_CHECK(database.run(steps[static_cast<std::size_t>(i)]));
  BH_CHECK(database.run("PRAGMA application_id = " + std::to_string(application_id)));
  BH_CHECK(database.run("PRAGMA user_version = " + std::to_string(newest)));
  return transaction.commit();
}

}  // namespace backhaul::sqlite
