// SPDX-License-Identifier: Apache-2.0
// The queue in a SQLite database: one writer thread, one transaction per batch, durable before
// `done` runs (WAL, synchronous=FULL). A damaged database is set aside under a dated name, never
// deleted; jobs that can still be read whole are carried over into the new one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/sqlite/database.h"
#include "base/log.h"
#include "loop/loop.h"
#include "ports/store.h"

namespace backhaul::sqlite {

class SqliteStore final : public ports::Store {
 public:
  SqliteStore(loop::Loop& loop, std::string path, base::Log& log);
  ~SqliteStore() override;

  // Opens or makes the database, migrates it forward. An error means that the service cannot work
  // with it now: written by a newer version, in use by another process, no access, disk full.
  base::Result<void> open();

  // Once, after open() and before the first commit.
  base::Result<ports::Snapshot> load() override;
  void commit(ports::Batch batch,
              std::move_only_function<void(base::Result<void>)> done) override;

  // Searches the whole database for damage, behind the commits already asked for; what it finds is
  // logged. To be called when the service has answered its first calls.
  void check_later();

 private:
  // The connection and what hangs on it. After load() only the worker touches it.
  struct Connection {
    Database database;
    Statement put_job, remove_job, put_file, remove_files, put_sequence, put_event, trim_events;
  };
  // What could be read, and why not everything could.
  struct Reading {
    ports::Snapshot snapshot;
    std::vector<std::int64_t> rows;  // of snapshot.jobs
    std::optional<base::Error> damage;
    std::size_t lost_jobs = 0;
  };

  base::Result<Connection> connect();
  base::Result<void> begin_anew(const base::Error& damage);
  base::Result<Reading> read_everything();
  base::Result<void> read_jobs(Reading& reading);
  base::Result<void> read_files(Reading& reading);
  base::Result<void> read_events(Reading& reading);
  base::Result<void> carry_over(ports::Snapshot& snapshot);
  base::Result<void> write(const ports::Batch& batch);
  base::Result<void> write_rows(const ports::Batch& batch);
  void committed(int wal_frames);
  void checkpoint();

  loop::Loop& loop_;
  const std::string path_;
  base::Log& log_;
  std::optional<Connection> connection_;
  // Row numbers of the jobs in the database. Here instead of in an index, because an index over
  // random ids costs a page write for every new job.
  std::unordered_map<base::JobId, std::int64_t> rows_;
  std::int64_t next_row_ = 1;
  std::size_t events_since_trim_ = 0;  // worker
  bool loaded_ = false;
  bool busy_since_timer_ = false;  // loop thread: commits came while the idle timer ran
  loop::Timer idle_;
  loop::Worker worker_;  // last: its thread ends before the connection
};

}  // namespace backhaul::sqlite
