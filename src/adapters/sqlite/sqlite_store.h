// SPDX-License-Identifier: Apache-2.0
// The queue in a SQLite database: one writer thread, one transaction per batch, durable before
// `done` runs (WAL, synchronous=FULL). What it holds is compared with the record beside it (record.h)
// and every loss is logged with a count. A database that reads stays in use. One that does not is set
// aside under a dated name, never deleted, and what can be saved from it makes a new one (salvage.h).
// Jobs that were saved, or that may be older than what was acknowledged, come back in doubt
// (core/damage.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/reading.h"
#include "adapters/sqlite/record.h"
#include "adapters/sqlite/salvage.h"
#include "base/log.h"
#include "core/damage.h"
#include "loop/loop.h"
#include "os/memory.h"
#include "ports/store.h"

namespace backhaul::sqlite {

class SqliteStore final : public ports::Store {
 public:
  struct Options {
    SalvageCommand salvage;      // empty: nothing can be saved from a damaged queue
    bool work_was_left = false;  // the queue is known not to be empty, record or not
    // Runs on the loop thread after a commit failed because of damage: from now on all will, and only
    // a restart repairs the queue.
    std::function<void()> damaged = [] {};
  };
  SqliteStore(loop::Loop& loop, std::string path, base::Log& log, Options options);
  SqliteStore(loop::Loop& loop, std::string path, base::Log& log)
      : SqliteStore(loop, std::move(path), log, Options{}) {}
  ~SqliteStore() override;

  // Opens or makes the database, migrates it forward. An error means that the service cannot work
  // with it now: written by a newer version, in use by another process, no access, disk full.
  base::Result<void> open();

  // Once, after open() and before the first commit.
  base::Result<ports::Snapshot> load() override;
  void commit(ports::Batch batch,
              std::move_only_function<void(base::Result<void>)> done) override;

  // Searches the whole database for damage, behind the commits already asked for; what it finds is
  // logged. If it is sound, what is free in it is given back. To be called when the service has answered its first calls.
  void check_later();
  // For an end without destruction: lets go of the database, unless a thread is still at work in it.
  void close();

 private:
  // The connection and what hangs on it. After load() only the worker touches it.
  struct Connection {
    Database database;
    Statement put_job, remove_job, put_file, remove_files, put_secret, remove_secrets, put_numbers, put_event,
        list_events, remove_event, put_usage, remove_usage, put_cache, remove_cache, put_preferences, put_ban;
  };
  base::Result<Connection> connect();
  base::Result<void> open_or_salvage();
  base::Result<bool> begin_without_database();
  void read_record();
  base::Result<void> check_log(Database& database) const;
  base::Result<void> replace_damaged(const base::Error& damage);
  base::Result<void> begin_anew(const base::Error& damage);
  std::optional<core::Damage> doubt(const Reading& reading) const;
  void report_missing(std::string_view what);
  void report(const Reading& reading) const;
  void report_doubtful(const Reading& reading);
  QueueNumbers believed(const Reading& reading) const;
  base::Result<void> forget(const Reading& reading);
  base::Result<void> take(Reading& reading);
  base::Result<void> settle(Reading& reading, bool doubtful);
  base::Result<void> write(const ports::Batch& batch, bool instead_of_all = false);
  base::Result<void> write_rows(const ports::Batch& batch);
  base::Result<void> write_events(const ports::Batch& batch);
  base::Result<void> trim_events();
  base::Result<void> write_cache(const ports::Batch& batch);
  base::Result<void> write_shelf(const ports::ShelfOfJob& shelf);
  base::Result<void> remove(const base::JobId& id);
  base::Result<void> forget_secrets(StoredJob& job);
  void count(const ports::Batch& batch);
  void write_record();
  void sync_record();
  void tell_once(const base::Result<void>& kept);
  void note_damage();
  void committed(int wal_frames, bool damage, bool forgot);
  void checkpoint(bool empty_log = false);
  void give_back_free_pages();

  loop::Loop& loop_;
  const std::string path_;
  base::Log& log_;
  const Options options_;
  std::optional<Connection> connection_;
  // Row numbers of the jobs in the database. Here instead of in an index, because an index over
  // random ids costs a page write for every new job.
  std::unordered_map<base::JobId, StoredJob> rows_;
  std::int64_t next_row_ = 1;
  // What is on record, and what was there at the start. After load() only the worker touches them.
  std::optional<RecordFile> record_file_;  // unset: none can be made
  std::optional<Record> recorded_;
  Record record_;
  bool record_failed_ = false;
  bool salvaged_ = false;
  bool loss_told_ = false;
  std::size_t events_since_trim_ = 0;  // worker
  bool forgot_secrets_ = false;        // worker: since the last commit
  bool loaded_ = false;
  std::unique_ptr<os::HeapAhead> ahead_;  // also for what is made of the rows, until the first calls were answered
  bool busy_since_timer_ = false;  // loop thread: commits came while the idle timer ran
  loop::Timer idle_;
  loop::Worker worker_;  // last: its thread ends before the connection
};

}  // namespace backhaul::sqlite
