// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/sqlite_store.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>

#include "adapters/sqlite/place_watch.h"
#include "adapters/sqlite/rows.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/set_aside.h"
#include "adapters/sqlite/wal.h"

namespace backhaul::sqlite {
namespace {

using base::LogLevel;
using std::chrono_literals::operator""s;

// The write-ahead log is folded into the database when it is this long, or when nothing was written
// for a while. One page a frame.
constexpr int checkpoint_frames = 4 * 1024 * 1024 / 4096;
constexpr base::Microseconds idle_time = 5s;

// EXCLUSIVE comes first: the first access takes the lock and keeps it, and no shared memory file
// is needed. cell_size_check finds damaged pages instead of reading past them. The rows are read once and
// then only written, so that more than half a MiB of pages is kept for nobody.
constexpr const char* settings = R"sql(
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -512;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = 8388608;
)sql";

base::Error damaged(std::string text) {
  return {base::Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
          "The queue database: " + std::move(text)};
}

std::string counted(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string jobs_and_files(std::uint64_t jobs, std::uint64_t files) {
  return counted(jobs, "job") + " with " + counted(files, "file");
}

// Where rows are saved to before they take the place of the damaged ones.
std::string salvaged_path(const std::string& path) { return path + ".salvaged"; }

}  // namespace

SqliteStore::SqliteStore(loop::Loop& loop, std::string path, base::Log& log, Options options)
    : loop_(loop),
      path_(std::move(path)),
      log_(log),
      options_(std::move(options)),
      idle_(loop, 1s, [this] {
        if (std::exchange(busy_since_timer_, false)) return idle_.arm(loop_.now() + idle_time);
        checkpoint();
        give_back_free_pages();
      }, loop::Order::idle),
      worker_(loop, 1) {}

SqliteStore::~SqliteStore() = default;

void SqliteStore::close() {
  if (worker_.ended()) connection_.reset();
}

// --- Opening -----------------------------------------------------------------------------------
base::Result<void> SqliteStore::open() {
  BH_ASSERT(!connection_);
  BH_CHECK(prepare_folder(path_));
  BH_TRY(const std::vector<std::string> moved, make_way_for_journals(path_));
  for (const std::string& aside : moved)
    log_.write(LogLevel::warning, "What stood in the place of a journal of the queue and was no file is now " +
                                      aside + ".");
  read_record();
  BH_TRY(const bool begun, begin_without_database());
  if (begun) return {};
  return open_or_salvage();
}

// The queue does not depend on its record: what cannot be one is set aside, and where no other can be
// made the queue works without.
void SqliteStore::read_record() {
  const std::string path = record_path(path_);
  auto file = RecordFile::open(path);
  if (!file) {
    std::string line = file.error().text + "; what the queue held is not known.";
    if (auto aside = set_aside(path)) {
      line += " It was set aside as " + *aside + ".";
      file = RecordFile::open(path);
    }
    log_.write(LogLevel::warning, line);
    if (!file) return;
  }
  record_file_.emplace(std::move(*file));
  auto record = record_file_->read();
  if (record)
    recorded_ = *record;
  else
    log_.write(LogLevel::warning, record.error().text + "; what the queue held is not known.");
  if (recorded_) record_ = *recorded_;
}

// SQLite makes a new database of a file that is missing or empty, and deletes the log beside it. True:
// the queue was there, or a new one is, and is open.
base::Result<bool> SqliteStore::begin_without_database() {
  const std::string saved = salvaged_path(path_);
  FileState state = state_of(path_);
  if (state == FileState::missing && state_of(saved) == FileState::there) {
    // The last start ended between setting the damaged one aside and putting this one in its place.
    BH_CHECK(put_in_place(path_, saved));
    salvaged_ = true;
    if (recorded_) recorded_->damaged = false;
    return false;
  }
  if (state == FileState::there) return false;
  const std::string_view what = state == FileState::missing ? "is missing" : "is empty";
  if (auto log = read_wal(path_ + "-wal"); log && !log->frames.empty()) {
    BH_CHECK(replace_damaged(damaged("it " + std::string(what) + ", but its log is there.")));
    return true;
  }
  report_missing(what);
  BH_TRY(const bool orphan, set_orphaned_journals_aside(path_));
  if (orphan)
    log_.write(LogLevel::error, "Of the log of the queue nothing could be used; it was set aside.");
  return false;
}

void SqliteStore::report_missing(std::string_view what) {
  std::string line = "The queue database " + std::string(what);
  if (recorded_ && recorded_->jobs > 0)
    line += "; its record names " + jobs_and_files(recorded_->jobs, recorded_->files) +
            ": they are lost";
  else if (recorded_)
    line += "; no job was on record";
  else if (options_.work_was_left)
    line += "; how many jobs were in it is not known: they are lost";
  else
    return;  // the first start of all
  log_.write(LogLevel::error, line + ". A new queue is begun.");
  loss_told_ = true;
}

base::Result<void> SqliteStore::open_or_salvage() {
  if (recorded_ && recorded_->damaged)
    return replace_damaged(damaged("damage was met while it was in use."));
  BH_CHECK(prepare_file(path_));
  auto connection = connect();
  if (connection) {
    connection_ = std::move(*connection);
    return {};
  }
  if (!is_damage(connection.error())) return std::move(connection).error();
  return replace_damaged(connection.error());
}

// Commits that were acknowledged can stand in the log behind a place that SQLite does not get over;
// with the next commit it would write over them.
base::Result<void> SqliteStore::check_log(Database& database) const {
  const auto numbers = read_numbers(database);
  if (recorded_ && numbers && *numbers && (*numbers)->commits >= recorded_->commits) return {};
  BH_TRY(const Wal wal, read_wal(path_ + "-wal"));
  if (wal.broken) return damaged("its log is damaged.");
  return {};
}

base::Result<SqliteStore::Connection> SqliteStore::connect() {
  BH_TRY(Database database, Database::open(path_));
  // If something turns out to be damaged, the files are set aside as they were found.
  database.checkpoint_on_close(false);
  if (state_of(path_) == FileState::empty) BH_CHECK(lay_out(database));
  BH_CHECK(database.run(settings));
  BH_TRY(const std::string journal, database.text("PRAGMA journal_mode"));
  if (journal != "wal")
    return base::Error(base::Code::E_FAIL, base::ErrorContext::general_queue_manager,
                       "The queue database: the file system of " + path_ +
                           " does not allow a write-ahead log.");
  BH_CHECK(check_log(database));
  BH_CHECK(migrate(database));
  BH_TRY(Statement put_job, prepare_own(database, sqlite::put_job()));
  BH_TRY(Statement remove_job, prepare_own(database, "DELETE FROM job WHERE row = ?"));
  BH_TRY(Statement put_file, prepare_own(database, sqlite::put_file()));
  BH_TRY(Statement remove_files, prepare_own(database, "DELETE FROM file WHERE job = ?"));
  BH_TRY(Statement put_secret, prepare_own(database, sqlite::put_secret()));
  BH_TRY(Statement remove_secrets, prepare_own(database, "DELETE FROM secret WHERE job = ?"));
  BH_TRY(Statement put_numbers, prepare_own(database, sqlite::put_numbers()));
  BH_TRY(Statement put_event, prepare_own(database, sqlite::put_event()));
  BH_TRY(Statement list_events, prepare_own(database, "SELECT sequence, owner_uid FROM event ORDER BY sequence"));
  BH_TRY(Statement remove_event, prepare_own(database, "DELETE FROM event WHERE sequence = ?"));
  BH_TRY(Statement put_usage, prepare_own(database, sqlite::put_usage()));
  BH_TRY(Statement remove_usage, prepare_own(database, sqlite::remove_usage()));
  BH_TRY(Statement put_cache, prepare_own(database, sqlite::put_cache()));
  BH_TRY(Statement remove_cache, prepare_own(database, "DELETE FROM cache WHERE number = ?"));
  BH_TRY(Statement put_preferences, prepare_own(database, sqlite::put_preferences()));
  BH_TRY(Statement put_ban, prepare_own(database, sqlite::put_ban()));
  return Connection{std::move(database),   std::move(put_job),        std::move(remove_job),
                    std::move(put_file),   std::move(remove_files),   std::move(put_secret),
                    std::move(remove_secrets), std::move(put_numbers), std::move(put_event),
                    std::move(list_events), std::move(remove_event), std::move(put_usage),
                    std::move(remove_usage), std::move(put_cache), std::move(remove_cache),
                    std::move(put_preferences), std::move(put_ban)};
}

// --- Damage ------------------------------------------------------------------------------------
base::Result<void> SqliteStore::replace_damaged(const base::Error& damage) {
  connection_.reset();
  salvaged_ = true;
  note_damage();  // until all is done, or the next start would take what was saved at its word
  sync_record();
  const std::string saved = salvaged_path(path_);
  BH_TRY(const std::string trouble, run_salvager(options_.salvage, path_, saved));
  if (!trouble.empty())
    log_.write(LogLevel::error, "Saving jobs from the damaged queue: " + trouble + ".");
  const auto usable = [&]() -> base::Result<void> {
    BH_TRY(Database database, Database::open(saved));
    // Rolls back what a crash of that process left half done.
    BH_CHECK(database.run("PRAGMA journal_mode = DELETE"));
    BH_CHECK(database.number("SELECT count(*) FROM job"));
    return {};
  };
  if (state_of(saved) != FileState::there || !usable()) {
    remove_database(saved);
    return begin_anew(damage);
  }
  BH_TRY(const std::string aside, replace(path_, saved));
  log_.write(LogLevel::error, "The queue database is damaged and was set aside as " + aside +
                                  "; what could be saved makes a new one. " + damage.text);
  auto connection = connect();
  if (!connection) return begin_anew(connection.error());
  connection_ = std::move(*connection);
  return {};
}

base::Result<void> SqliteStore::begin_anew(const base::Error& damage) {
  connection_.reset();
  BH_TRY(const std::string aside, set_aside(path_));
  log_.write(LogLevel::error, "The queue database is damaged and was set aside as " + aside +
                                  "; nothing could be saved, a new one is begun. " + damage.text);
  BH_CHECK(prepare_file(path_));
  BH_TRY(connection_, connect());
  return {};
}

// --- Reading -----------------------------------------------------------------------------------
base::Result<ports::Snapshot> SqliteStore::load() {
  BH_ASSERT(connection_ && !loaded_ && worker_.backlog() == 0);
  Expected expected;
  if (recorded_) expected = {.jobs = recorded_->jobs, .files = recorded_->files};
  expected.memory = memory_of(expected, path_);
  BH_TRY(Reading reading, read_queue(connection_->database, expected));
  base::Result<void> taken;
  if (reading.damage && !salvaged_)
    taken = std::move(*reading.damage);
  else
    taken = take(reading);
  // What reads can be too damaged to be written over, as where a row and its place in an index differ.
  if (!taken && is_damage(taken.error()) && !salvaged_) {
    BH_CHECK(replace_damaged(taken.error()));
    BH_TRY(reading, read_queue(connection_->database, expected));
    taken = take(reading);
  }
  if (!taken) return std::move(taken).error();
  sync_record();
  connection_->database.checkpoint_on_close(true);
  ahead_ = std::move(reading.ahead);
  loaded_ = true;
  return std::move(reading.snapshot);
}

base::Result<void> SqliteStore::take(Reading& reading) {
  const bool doubtful = reading.has_doubtful();
  if (doubtful) report_doubtful(reading);
  reading.numbers = believed(reading);
  report(reading);
  return settle(reading, doubtful);
}

std::optional<core::Damage> SqliteStore::doubt(const Reading& reading) const {
  if (salvaged_) return core::Damage::salvaged;
  if (recorded_ && reading.numbers->commits < recorded_->commits) return core::Damage::outdated;
  return std::nullopt;
}

// The clock goes on from the rows only where nothing else tells: of those that are sound, and never
// further than it was.
QueueNumbers SqliteStore::believed(const Reading& reading) const {
  if (const auto numbers = agreed(reading.numbers, recorded_)) return *numbers;
  QueueNumbers numbers;
  for (const core::Job& job : reading.snapshot.jobs)
    if (!reading.doubtful.contains(job.id))
      numbers.service_time = std::max(numbers.service_time, job.active);
  return numbers;
}

// What stood in the rows is kept for whoever wants to look, as in a queue that is set aside.
void SqliteStore::report_doubtful(const Reading& reading) {
  std::string line = "Rows of the queue database are damaged and not believed: " +
                     counted(reading.doubtful.size(), "job") + ", " +
                     counted(reading.bad_files.size(), "file") + ", " +
                     counted(reading.bad_events.size(), "event");
  if (reading.bad_secrets > 0) line += ", " + counted(reading.bad_secrets, "secret");
  if (reading.bad_usage > 0) line += ", " + counted(reading.bad_usage, "day") + " of what budgets count";
  if (reading.bad_cache > 0) line += ", " + counted(reading.bad_cache, "record") + " of what is kept for neighbours";
  if (reading.bad_preferences) line += ", what programs asked for of that";
  if (reading.bad_bans > 0) line += ", " + counted(reading.bad_bans, "neighbour") + " that lied";
  if (!reading.numbers) line += ", and its own counters";
  if (!salvaged_) {
    const auto copy = keep_copy(connection_->database, path_);
    line += copy ? "; a copy as it was found is " + *copy : "; no copy could be kept. " + copy.error().text;
  }
  log_.write(LogLevel::error, line + ".");
}

// Every loss is a line with a count.
void SqliteStore::report(const Reading& reading) const {
  const std::uint64_t jobs = reading.snapshot.jobs.size();
  const std::uint64_t files = reading.snapshot.files.size() - reading.lost_files;
  std::string line;
  if (salvaged_) {
    line = "Saved from the damaged queue: " + jobs_and_files(jobs, files);
  } else if (loss_told_) {
    return;
  } else if (!recorded_ && options_.work_was_left && reading.numbers->commits == 0) {
    log_.write(LogLevel::error, "Nothing was ever written to the queue database, though work was left in it; "
                                "how many jobs were in it is not known: they are lost.");
    return;
  } else if (recorded_ && reading.numbers->commits < recorded_->commits) {
    line = "The queue database lacks the last " + counted(recorded_->commits - reading.numbers->commits, "commit") +
           "; it has " + jobs_and_files(jobs, files);
  } else if (reading.lost_files > 0 || (recorded_ && reading.numbers->commits == recorded_->commits &&
                                        (jobs < recorded_->jobs || files < recorded_->files))) {
    line = "Rows are missing in the queue database; it has " + jobs_and_files(jobs, files);
  } else {
    return;
  }
  if (recorded_)
    line += ", on record were " + jobs_and_files(recorded_->jobs, recorded_->files);
  else if (reading.bad_jobs > 0)
    line += ", " + counted(reading.bad_jobs, "more job") + " cannot be read";
  if (reading.lost_files > 0)
    line += "; " + counted(reading.incomplete.size(), "job") + " lost " +
            counted(reading.lost_files, "file");
  line += doubt(reading) ? ". All of them are suspended and wait for somebody to look at them."
                         : ". What lost files is suspended and waits for somebody to look at it.";
  log_.write(LogLevel::error, line);
}

// Takes the reading as the state of the queue: jobs in doubt are revived, and what differs from the
// rows is written before anybody sees it.
base::Result<void> SqliteStore::settle(Reading& reading, bool doubtful) {
  ports::Snapshot& snapshot = reading.snapshot;
  snapshot.next_sequence = reading.numbers->next_sequence;
  snapshot.service_time = reading.numbers->service_time;
  const auto all = doubt(reading);
  ports::Batch batch;
  for (core::Job& job : snapshot.jobs) {
    snapshot.next_sequence = std::max({snapshot.next_sequence, job.order + 1, job.pending->sequence + 1,
                                       job.file_event->sequence + 1,
                                       job.object ? job.object->sequence + 1 : 0});
    const bool changed = reading.doubtful.contains(job.id);
    if (!all && !changed && !reading.incomplete.contains(job.id)) continue;
    core::revive(job, all.value_or(changed ? core::Damage::changed : core::Damage::incomplete),
                 snapshot.service_time);
    batch.jobs.push_back(job);
  }
  if (!snapshot.events.empty())
    snapshot.next_sequence = std::max(snapshot.next_sequence, snapshot.events.back().sequence + 1);
  for (const core::CacheRecord& record : snapshot.cache)
    snapshot.next_sequence = std::max(snapshot.next_sequence, record.number + 1);
  rows_ = std::move(reading.rows);
  next_row_ = reading.next_row;
  events_since_trim_ = reading.excess_events;  // they count towards the next cut
  record_ = {.commits = std::max(reading.numbers->commits, recorded_ ? recorded_->commits : 0),
             .next_sequence = snapshot.next_sequence,
             .jobs = snapshot.jobs.size(),
             .files = snapshot.files.size(),
             .service_time = snapshot.service_time};
  if (!salvaged_ && !doubtful && batch.jobs.empty() && record_.commits == reading.numbers->commits) {
    write_record();
    return {};
  }
  batch.next_sequence = snapshot.next_sequence;
  batch.service_time = snapshot.service_time;
  batch.preferences = snapshot.preferences;
  batch.bans = snapshot.bans;
  if (salvaged_) {
    // Rows that could be copied and are no jobs are still in the database that was set aside.
    batch.files = snapshot.files;
    batch.shelves = snapshot.shelves;
    batch.events = snapshot.events;
    batch.usage = snapshot.usage;
    batch.cache = snapshot.cache;
  } else {
    std::ranges::copy_if(snapshot.files, std::back_inserter(batch.files), core::is_lost);
    for (const base::JobId& job : reading.lost_secrets) batch.shelves.push_back({job, {}});
    for (const ports::ShelfOfJob& shelf : snapshot.shelves)
      if (reading.lost_secrets.contains(shelf.job)) batch.shelves.push_back(shelf);
    if (reading.bad_usage > 0) {
      BH_CHECK(connection_->database.run("DELETE FROM usage"));
      batch.usage = snapshot.usage;
    }
    if (reading.bad_cache > 0) {
      BH_CHECK(connection_->database.run("DELETE FROM cache"));
      batch.cache = snapshot.cache;
    }
    BH_CHECK(forget(reading));
  }
  return write(batch, salvaged_);
}

// Rows that are not believed are not met again.
base::Result<void> SqliteStore::forget(const Reading& reading) {
  Database& database = connection_->database;
  for (const auto& [row, index] : reading.bad_files)
    BH_CHECK(database.run("DELETE FROM file WHERE job = " + std::to_string(row) +
                          " AND file_index = " + std::to_string(index)));
  for (const std::int64_t sequence : reading.bad_events)
    BH_CHECK(database.run("DELETE FROM event WHERE sequence = " + std::to_string(sequence)));
  return {};
}

// --- Writing -----------------------------------------------------------------------------------
void SqliteStore::commit(ports::Batch batch,
                         std::move_only_function<void(base::Result<void>)> done) {
  BH_ASSERT(loaded_);
  worker_.submit([this, batch = std::move(batch), done = std::move(done)]() mutable {
    auto result = write(batch);
    const bool forgot = std::exchange(forgot_secrets_, false);
    const int frames = connection_->database.wal_frames();
    const bool damage = !result && is_damage(result.error());
    // What stands in its place by now is another one, and may be sound.
    if (damage && !connection_->database.has_moved()) note_damage();
    return [this, frames, damage, forgot, result = std::move(result), done = std::move(done)]() mutable {
      committed(frames, damage, forgot);
      done(std::move(result));  // last, because it may destroy the store
    };
  });
}

base::Result<void> SqliteStore::write(const ports::Batch& batch, bool instead_of_all) {
  BH_TRY(Transaction transaction, Transaction::begin(connection_->database));
  if (instead_of_all)
    BH_CHECK(connection_->database.run("DELETE FROM job; DELETE FROM file; DELETE FROM secret; DELETE FROM event; "
                                       "DELETE FROM usage; DELETE FROM cache; DELETE FROM preference; DELETE FROM ban"));
  BH_CHECK(write_rows(batch));
  // Somebody tidied up: what is acknowledged now would be gone with the service.
  if (connection_->database.has_moved())
    return moved_away(path_);
  BH_CHECK(transaction.commit());
  ++record_.commits;
  record_.next_sequence = batch.next_sequence;
  record_.service_time = batch.service_time;
  count(batch);
  write_record();
  return {};
}

void SqliteStore::count(const ports::Batch& batch) {
  for (const core::Job& job : batch.jobs)
    if (!std::exchange(rows_.find(job.id)->second.stored, true)) ++record_.jobs;
  for (const core::File& file : batch.files) {
    StoredJob& job = rows_.find(file.job)->second;
    if (file.index < job.files) continue;
    record_.files += file.index + 1 - job.files;
    job.files = file.index + 1;
  }
  for (const base::JobId& id : batch.removed) {
    const auto job = rows_.find(id);
    if (job == rows_.end()) continue;
    record_.files -= job->second.files;
    if (job->second.stored) --record_.jobs;
    rows_.erase(job);
  }
}

// That it cannot be kept is said once and no error.
void SqliteStore::write_record() {
  if (record_file_) tell_once(record_file_->write(record_));
}

void SqliteStore::sync_record() {
  if (record_file_) tell_once(record_file_->sync());
}

void SqliteStore::tell_once(const base::Result<void>& kept) {
  if (!kept && !std::exchange(record_failed_, true))
    log_.write(LogLevel::warning, kept.error().text);
  else if (kept)
    record_failed_ = false;
}

// The next start saves what can be saved.
void SqliteStore::note_damage() {
  record_.damaged = true;
  write_record();
}

base::Result<void> SqliteStore::write_rows(const ports::Batch& batch) {
  Connection& connection = *connection_;
  for (const core::Job& job : batch.jobs) {
    // A new row number stays with its job also when the transaction fails: a hole costs nothing.
    const auto [row, fresh] = rows_.try_emplace(job.id, StoredJob{.row = next_row_});
    if (fresh) ++next_row_;
    bind_job(connection.put_job, row->second.row, job);
    BH_CHECK(connection.put_job.run());
  }
  for (const core::File& file : batch.files) {
    const auto row = rows_.find(file.job);
    BH_ASSERT(row != rows_.end());
    bind_file(connection.put_file, row->second.row, file);
    BH_CHECK(connection.put_file.run());
  }
  for (const ports::ShelfOfJob& shelf : batch.shelves) BH_CHECK(write_shelf(shelf));
  for (const base::JobId& id : batch.removed) BH_CHECK(remove(id));
  BH_CHECK(write_events(batch));
  for (const core::Usage& usage : batch.usage) {
    Statement& statement = usage.octets > 0 ? connection.put_usage : connection.remove_usage;
    (usage.octets > 0 ? bind_usage : bind_removal)(statement, usage);
    BH_CHECK(statement.run());
  }
  BH_CHECK(write_cache(batch));
  bind_numbers(connection.put_numbers, {batch.next_sequence, record_.commits + 1, batch.service_time});
  return connection.put_numbers.run();
}

base::Result<void> SqliteStore::remove(const base::JobId& id) {
  const auto row = rows_.find(id);
  if (row == rows_.end()) return {};
  if (row->second.secrets) BH_CHECK(forget_secrets(row->second));
  Connection& connection = *connection_;
  connection.remove_files.bind(1, row->second.row);
  BH_CHECK(connection.remove_files.run());
  connection.remove_job.bind(1, row->second.row);
  return connection.remove_job.run();
}

// --- Housekeeping ------------------------------------------------------------------------------
void SqliteStore::committed(int wal_frames, bool damage, bool forgot) {
  if (damage) return options_.damaged();
  busy_since_timer_ = true;
  if (!idle_.armed()) idle_.arm(loop_.now() + idle_time);
  // What was forgotten stands in the log as well.
  if (wal_frames >= checkpoint_frames || forgot) checkpoint(forgot);
}

void SqliteStore::checkpoint(bool empty_log) {
  worker_.submit([this, empty_log]() -> loop::Callback {
    // Another commit may have grown the log since; a checkpoint takes everything anyway. One that took everything may have
    // come in between, and left in the log what is to be gone from it.
    if (!empty_log && connection_->database.wal_frames() == 0) return {};
    if (auto result = connection_->database.checkpoint(empty_log); !result)
      log_.write(LogLevel::warning, result.error().text);
    return {};
  });
}

void SqliteStore::check_later() {
  BH_ASSERT(loaded_);
  worker_.submit([this]() -> loop::Callback {
    auto verdict = connection_->database.text("PRAGMA quick_check(1)");
    const bool damage = verdict ? *verdict != "ok" : is_damage(verdict.error());
    if (!verdict) log_.write(LogLevel::error, verdict.error().text);
    if (damage) {
      log_.write(LogLevel::error, "The queue database is damaged: " + (verdict ? *verdict : "") +
                                      "; the next start saves what can be saved.");
      note_damage();
    }
    return [this, damage] {
      ahead_.reset();
      if (!damage) give_back_free_pages();
    };
  });
}

}  // namespace backhaul::sqlite
