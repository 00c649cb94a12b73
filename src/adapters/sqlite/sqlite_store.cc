// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/sqlite_store.h"

#include <algorithm>
#include <chrono>
#include <unordered_set>
#include <utility>

#include "adapters/sqlite/rows.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/set_aside.h"

namespace backhaul::sqlite {
namespace {

using base::LogLevel;
using std::chrono_literals::operator""s;

// The write-ahead log is folded into the database when it is this long, or when nothing was written
// for a while. One page a frame.
constexpr int checkpoint_frames = 4 * 1024 * 1024 / 4096;
constexpr base::Microseconds idle_time = 5s;
// The event log is cut to its length now and then, not at every line.
constexpr std::size_t trim_events_after = 1000;

// EXCLUSIVE comes first: the first access takes the lock and keeps it, and no shared memory file
// is needed. cell_size_check finds damaged pages instead of reading past them.
constexpr const char* settings = R"sql(
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA temp_store = MEMORY;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = 8388608;
)sql";

// A database of the right version whose tables are not ours was tampered with.
base::Result<Statement> prepare_own(Database& database, const std::string& sql) {
  auto statement = database.prepare(sql);
  if (!statement && statement.error().code == base::Code::E_FAIL)
    statement.error().code = base::Code::BG_E_DATABASE_CORRUPT;
  return statement;
}

base::Error damaged(std::string text) {
  return {base::Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
          "The queue database: " + std::move(text)};
}

}  // namespace

SqliteStore::SqliteStore(loop::Loop& loop, std::string path, base::Log& log)
    : loop_(loop),
      path_(std::move(path)),
      log_(log),
      idle_(loop, 1s, [this] {
        if (std::exchange(busy_since_timer_, false))
          idle_.arm(loop_.now() + idle_time);
        else
          checkpoint();
      }, loop::Order::idle),
      worker_(loop, 1) {}

SqliteStore::~SqliteStore() = default;

// --- Opening -----------------------------------------------------------------------------------
base::Result<void> SqliteStore::open() {
  BH_ASSERT(!connection_);
  BH_CHECK(set_orphaned_journals_aside(path_));
  BH_CHECK(prepare_file(path_));
  auto connection = connect();
  if (connection) {
    connection_ = std::move(*connection);
    return {};
  }
  if (!is_damage(connection.error())) return std::move(connection).error();
  return begin_anew(connection.error());
}

base::Result<SqliteStore::Connection> SqliteStore::connect() {
  BH_TRY(Database database, Database::open(path_));
  // If something turns out to be damaged, the files are set aside as they were found.
  database.checkpoint_on_close(false);
  BH_CHECK(database.run(settings));
  BH_TRY(const std::string journal, database.text("PRAGMA journal_mode"));
  if (journal != "wal")
    return base::Error(base::Code::E_FAIL, base::ErrorContext::general_queue_manager,
                       "The queue database: the file system of " + path_ +
                           " does not allow a write-ahead log.");
  BH_CHECK(migrate(database));
  BH_TRY(Statement put_job, prepare_own(database, sqlite::put_job()));
  BH_TRY(Statement remove_job, prepare_own(database, "DELETE FROM job WHERE row = ?"));
  BH_TRY(Statement put_file, prepare_own(database, sqlite::put_file()));
  BH_TRY(Statement remove_files, prepare_own(database, "DELETE FROM file WHERE job = ?"));
  BH_TRY(Statement put_sequence, prepare_own(database, "UPDATE queue SET next_sequence = ?, service_time = ?"));
  BH_TRY(Statement put_event, prepare_own(database, sqlite::put_event()));
  // Sequence numbers only grow, so the newest lines are those with the highest ones.
  BH_TRY(Statement trim_events,
         prepare_own(database,
                     "DELETE FROM event WHERE sequence <= (SELECT sequence FROM event "
                     "ORDER BY sequence DESC LIMIT 1 OFFSET ?)"));
  return Connection{std::move(database),     std::move(put_job),      std::move(remove_job),
                    std::move(put_file),     std::move(remove_files), std::move(put_sequence),
                    std::move(put_event),    std::move(trim_events)};
}

base::Result<void> SqliteStore::begin_anew(const base::Error& damage) {
  connection_.reset();
  rows_.clear();
  next_row_ = 1;
  BH_TRY(const std::string aside, set_aside(path_));
  log_.write(LogLevel::error, "The queue database is damaged and was set aside as " + aside +
                                  "; a new one is begun. " + damage.text);
  BH_CHECK(prepare_file(path_));
  BH_TRY(connection_, connect());
  return {};
}

// --- Reading -----------------------------------------------------------------------------------
base::Result<ports::Snapshot> SqliteStore::load() {
  BH_ASSERT(connection_ && !loaded_ && worker_.backlog() == 0);
  BH_TRY(Reading reading, read_everything());
  if (reading.damage) {
    BH_CHECK(begin_anew(*reading.damage));
    const std::size_t jobs = reading.snapshot.jobs.size() + reading.lost_jobs;
    BH_CHECK(carry_over(reading.snapshot));
    log_.write(LogLevel::error, "Of " + std::to_string(jobs) + " jobs in the damaged queue " +
                                    std::to_string(reading.snapshot.jobs.size()) +
                                    " could be kept.");
  }
  connection_->database.checkpoint_on_close(true);
  loaded_ = true;
  return std::move(reading.snapshot);
}

base::Result<SqliteStore::Reading> SqliteStore::read_everything() {
  Reading reading;
  for (auto read : {&SqliteStore::read_jobs, &SqliteStore::read_files,
                    &SqliteStore::read_events}) {
    auto result = (this->*read)(reading);
    if (result) continue;
    if (!is_damage(result.error())) return std::move(result).error();
    if (!reading.damage) reading.damage = std::move(result).error();
  }
  auto sequence = connection_->database.number("SELECT next_sequence FROM queue");
  if (sequence)
    reading.snapshot.next_sequence = static_cast<std::uint64_t>(*sequence);
  else if (!reading.damage)
    reading.damage = std::move(sequence).error();
  // Without it the engine counts on from the rows.
  if (auto ran = connection_->database.number("SELECT service_time FROM queue"))
    reading.snapshot.service_time = base::ServiceTime(
        base::Microseconds(std::clamp<std::int64_t>(*ran, 0, service_time_max)));
  return reading;
}

base::Result<void> SqliteStore::read_jobs(Reading& reading) {
  std::vector<core::Job>& jobs = reading.snapshot.jobs;
  BH_TRY(const std::int64_t count, connection_->database.number("SELECT count(*) FROM job"));
  jobs.reserve(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
  rows_.reserve(jobs.capacity());
  reading.rows.reserve(jobs.capacity());
  BH_TRY(Statement statement, prepare_own(connection_->database, select_jobs()));
  for (;;) {
    BH_TRY(const bool more, statement.step());
    if (!more) return {};
    std::int64_t row = 0;
    core::Job& job = jobs.emplace_back();
    auto read = read_job(statement, row, job);
    if (read && !rows_.emplace(job.id, row).second) read = damaged("a job stands in it twice.");
    next_row_ = std::max(next_row_, row + 1);
    if (read) {
      reading.rows.push_back(row);
      continue;
    }
    jobs.pop_back();
    ++reading.lost_jobs;
    if (!reading.damage) reading.damage = std::move(read).error();
  }
}

base::Result<void> SqliteStore::read_files(Reading& reading) {
  const std::vector<std::int64_t>& rows = reading.rows;
  std::size_t job = 0;  // both tables come in the order of the row numbers
  std::vector<core::File>& files = reading.snapshot.files;
  BH_TRY(const std::int64_t count, connection_->database.number("SELECT count(*) FROM file"));
  files.reserve(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
  BH_TRY(Statement statement, prepare_own(connection_->database, select_files()));
  for (;;) {
    BH_TRY(const bool more, statement.step());
    if (!more) return {};
    std::int64_t row = 0;
    core::File& file = files.emplace_back();
    auto read = read_file(statement, row, file);
    while (job < rows.size() && rows[job] < row) ++job;
    if (job < rows.size() && rows[job] == row)
      file.job = reading.snapshot.jobs[job].id;
    else if (read)
      read = damaged("a file belongs to no job.");
    if (read) continue;
    files.pop_back();
    if (!reading.damage) reading.damage = std::move(read).error();
  }
}

base::Result<void> SqliteStore::read_events(Reading& reading) {
  std::vector<core::EventRecord>& events = reading.snapshot.events;
  BH_TRY(Statement statement, prepare_own(connection_->database, select_events()));
  for (;;) {
    BH_TRY(const bool more, statement.step());
    if (!more) break;
    core::EventRecord event;
    auto read = read_event(statement, event);
    if (read)
      events.push_back(event);
    else if (!reading.damage)
      reading.damage = std::move(read).error();
  }
  // On the disk it may be longer, since it is cut now and then; nobody is shown more after a restart
  // than before, and what is too long counts towards the next cut.
  if (events.size() <= core::event_log_max) return {};
  events_since_trim_ = events.size() - core::event_log_max;
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(events_since_trim_));
  return {};
}

// Keeps the jobs that are whole: a job that lacks files would complete without them.
base::Result<void> SqliteStore::carry_over(ports::Snapshot& snapshot) {
  std::unordered_map<base::JobId, std::uint32_t> readable;
  for (const core::File& file : snapshot.files) ++readable[file.job];
  ports::Batch batch;
  std::unordered_set<base::JobId> kept;
  for (core::Job& job : snapshot.jobs) {
    snapshot.next_sequence = std::max({snapshot.next_sequence, job.order + 1,
                                       job.pending.sequence + 1, job.file_event.sequence + 1,
                                       job.object ? job.object->sequence + 1 : 0});
    if (readable[job.id] != job.files.total) continue;
    kept.insert(job.id);
    batch.jobs.push_back(std::move(job));
  }
  for (core::File& file : snapshot.files)
    if (kept.contains(file.job)) batch.files.push_back(std::move(file));
  batch.events = snapshot.events;
  if (!snapshot.events.empty())
    snapshot.next_sequence =
        std::max(snapshot.next_sequence, snapshot.events.back().sequence + 1);
  batch.next_sequence = snapshot.next_sequence;
  batch.service_time = snapshot.service_time;
  BH_CHECK(write(batch));
  snapshot.jobs = std::move(batch.jobs);
  snapshot.files = std::move(batch.files);
  return {};
}

// --- Writing -----------------------------------------------------------------------------------
void SqliteStore::commit(ports::Batch batch,
                         std::move_only_function<void(base::Result<void>)> done) {
  BH_ASSERT(loaded_);
  worker_.submit([this, batch = std::move(batch), done = std::move(done)]() mutable {
    auto result = write(batch);
    const int frames = connection_->database.wal_frames();
    return [this, frames, result = std::move(result), done = std::move(done)]() mutable {
      committed(frames);
      done(std::move(result));  // last, because it may destroy the store
    };
  });
}

base::Result<void> SqliteStore::write(const ports::Batch& batch) {
  BH_TRY(Transaction transaction, Transaction::begin(connection_->database));
  BH_CHECK(write_rows(batch));
  BH_CHECK(transaction.commit());
  for (const base::JobId& id : batch.removed) rows_.erase(id);
  return {};
}

base::Result<void> SqliteStore::write_rows(const ports::Batch& batch) {
  Connection& connection = *connection_;
  for (const core::Job& job : batch.jobs) {
    // A new row number stays with its job also when the transaction fails: a hole costs nothing.
    const auto [row, fresh] = rows_.try_emplace(job.id, next_row_);
    if (fresh) ++next_row_;
    bind_job(connection.put_job, row->second, job);
    BH_CHECK(connection.put_job.run());
  }
  for (const core::File& file : batch.files) {
    const auto row = rows_.find(file.job);
    BH_ASSERT(row != rows_.end());
    bind_file(connection.put_file, row->second, file);
    BH_CHECK(connection.put_file.run());
  }
  for (const base::JobId& id : batch.removed) {
    const auto row = rows_.find(id);
    if (row == rows_.end()) continue;
    connection.remove_files.bind(1, row->second);
    BH_CHECK(connection.remove_files.run());
    connection.remove_job.bind(1, row->second);
    BH_CHECK(connection.remove_job.run());
  }
  for (const core::EventRecord& event : batch.events) {
    bind_event(connection.put_event, event);
    BH_CHECK(connection.put_event.run());
  }
  events_since_trim_ += batch.events.size();
  if (events_since_trim_ >= trim_events_after) {
    events_since_trim_ = 0;
    connection.trim_events.bind(1, static_cast<std::int64_t>(core::event_log_max));
    BH_CHECK(connection.trim_events.run());
  }
  connection.put_sequence.bind(1, static_cast<std::int64_t>(batch.next_sequence));
  connection.put_sequence.bind(2, static_cast<std::int64_t>(batch.service_time.time_since_epoch().count()));
  return connection.put_sequence.run();
}

// --- Housekeeping ------------------------------------------------------------------------------
void SqliteStore::committed(int wal_frames) {
  if (wal_frames >= checkpoint_frames) return checkpoint();
  busy_since_timer_ = true;
  if (!idle_.armed()) idle_.arm(loop_.now() + idle_time);
}

void SqliteStore::checkpoint() {
  worker_.submit([this]() -> loop::Callback {
    // Another commit may have grown the log since; a checkpoint takes everything anyway.
    if (connection_->database.wal_frames() == 0) return {};
    if (auto result = connection_->database.checkpoint(); !result)
      log_.write(LogLevel::warning, result.error().text);
    return {};
  });
}

void SqliteStore::check_later() {
  BH_ASSERT(loaded_);
  worker_.submit([this]() -> loop::Callback {
    auto verdict = connection_->database.text("PRAGMA quick_check(1)");
    if (!verdict)
      log_.write(LogLevel::error, verdict.error().text);
    else if (*verdict != "ok")
      log_.write(LogLevel::error, "The queue database is damaged: " + *verdict);
    return {};
  });
}

}  // namespace backhaul::sqlite
