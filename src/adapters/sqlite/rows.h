// SPDX-License-Identifier: Apache-2.0
// Jobs and files as rows. The list of columns exists once, in rows.cc, and serves the SQL text,
// writing, reading and the checksum of a row alike, so that they cannot differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "adapters/sqlite/database.h"
#include "core/budget.h"
#include "core/event_record.h"
#include "core/job.h"
#include "core/peer_cache.h"
#include "core/peer_preferences.h"

namespace backhaul::sqlite {

// A reading of the service clock beyond this (1,100 years) is none.
inline constexpr std::int64_t service_time_max = std::int64_t{1} << 55;

// What the queue keeps of itself: one row, and once more in the record beside it (record.h).
struct QueueNumbers {
  std::uint64_t next_sequence = 1;
  std::uint64_t commits = 0;
  base::ServiceTime service_time{};

  bool operator==(const QueueNumbers&) const = default;
};

// One of core::Bans.
struct StoredBan {
  std::string key;
  base::ServiceTime until{};
};

// One value of a shelf.
struct StoredSecret {
  core::SecretSlot slot = core::SecretSlot::headers;
  base::Text sealed;
};

// Doubtful: its checksum is wrong. Any value of it may have changed, or could not be read at all.
enum class Trust : std::uint8_t { sound, doubtful };

// All rows of a table, one after the other. A column costs time also where it holds nothing, so what few rows
// have is fetched of those alone.
class RowSource {
 public:
  // `keys`: how many columns name a row; they are the first of `usual`, and what `rest` is asked by.
  RowSource(Statement usual, Statement rest, int keys)
      : usual_(std::move(usual)), rest_(std::move(rest)), keys_(keys) {}

  base::Result<bool> step();  // true: there is a row
  const Statement& usual() const { return usual_; }
  // What else that row has; null: it is not found again.
  const Statement* rest();

 private:
  Statement usual_;
  Statement rest_;
  int keys_;
  std::optional<bool> found_;  // unset: the rest was not asked for yet
};
base::Result<RowSource> job_rows(Database& database);
base::Result<RowSource> file_rows(Database& database);

// Column 0 (parameter 1) of every statement is the row number of the job; of an event or a record of the
// cache its number, of what was used the day.
std::string select_jobs();
std::string select_files();
std::string select_secrets();
std::string put_job();
std::string put_file();
std::string put_secret();
std::string select_events();
std::string put_event();
std::string select_usage();
std::string put_usage();
std::string remove_usage();
std::string select_cache();
std::string put_cache();
std::string select_preferences();
std::string put_preferences();
std::string select_bans();
std::string put_ban();
std::string select_numbers();
std::string put_numbers();

void bind_job(Statement& statement, std::int64_t row, const core::Job& job);
void bind_file(Statement& statement, std::int64_t job_row, const core::File& file);
void bind_secret(Statement& statement, std::int64_t job_row, const StoredSecret& secret);
void bind_event(Statement& statement, const core::EventRecord& event);
void bind_usage(Statement& statement, const core::Usage& usage);
void bind_removal(Statement& statement, const core::Usage& usage);
void bind_cache(Statement& statement, const core::CacheRecord& record);
void bind_preferences(Statement& statement, const core::PeerPreferences& preferences);
void bind_ban(Statement& statement, std::int64_t number, const StoredBan& ban);
void bind_numbers(Statement& statement, const QueueNumbers& numbers);

// BG_E_DATABASE_CORRUPT, naming the column, when a value cannot be one of ours although the sum is
// right, or when it is not known whose row it is. The file's `job` is
// left for the caller, who knows the id that belongs to the row number.
base::Result<Trust> read_job(RowSource& rows, std::int64_t& row, core::Job& job);
base::Result<Trust> read_file(RowSource& rows, std::int64_t& job_row, core::File& file);
base::Result<Trust> read_secret(const Statement& statement, std::int64_t& job_row, StoredSecret& secret);
base::Result<Trust> read_event(const Statement& statement, core::EventRecord& event);
base::Result<Trust> read_usage(const Statement& statement, core::Usage& usage);
base::Result<Trust> read_cache(const Statement& statement, core::CacheRecord& record);
base::Result<Trust> read_preferences(const Statement& statement, core::PeerPreferences& preferences);
base::Result<Trust> read_ban(const Statement& statement, StoredBan& ban);
// Unset: there is no such row, or it is not sound.
base::Result<std::optional<QueueNumbers>> read_numbers(Database& database);

}  // namespace backhaul::sqlite
