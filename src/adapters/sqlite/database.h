// SPDX-License-Identifier: Apache-2.0
// The sqlite3 C interface behind typed, owning values: the only file that touches its types. Every
// failure is a base::Error; SQL text and column names may appear in it, bound values never do, so
// nothing a job holds (addresses can contain passwords) reaches a log through here.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/text.h"

struct sqlite3;
struct sqlite3_stmt;

namespace backhaul::sqlite {

class Statement {
 public:
  // Positions of bind start at 1, those of columns at 0, as SQLite has it. Bound text and bytes are
  // not copied: they must live until the step. A bind that fails is reported by the step.
  void bind(int position, std::int64_t value);
  void bind(int position, std::string_view value);
  void bind(int position, std::span<const std::uint8_t> value);
  void bind_copy(int position, std::string_view value);  // may go at once
  void bind_null(int position);
  void bind_column(int position, const Statement& row, int column);  // as it is, whatever it is

  base::Result<bool> step();  // true: there is a row
  base::Result<void> run();   // step to the end, then ready for the next use
  void reset();

  int columns() const;
  bool is_null(int column) const;
  // False if the column holds another type; `value` is then untouched.
  bool read(int column, std::int64_t& value) const;
  bool read(int column, std::string& value) const;
  bool read(int column, base::Text& value) const;
  bool read(int column, std::span<std::uint8_t> exactly) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  template <class String>
  bool read_text(int column, String& value) const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_result_ = 0;
};

class Database {
 public:
  // An existing file, or ":memory:". One thread at a time.
  static base::Result<Database> open(const std::string& path);

  base::Result<Statement> prepare(std::string_view sql);
  base::Result<void> run(const std::string& sql);  // any number of statements without rows
  base::Result<std::int64_t> number(std::string_view sql);
  base::Result<std::string> text(std::string_view sql);

  // Frames that stand in the write-ahead log after the last commit.
  int wal_frames() const { return *wal_frames_; }
  // As far as possible without waiting for anybody; returns whether the log was emptied. `empty`: nothing
  // of it stays in its file.
  base::Result<bool> checkpoint(bool empty = false);
  // Whether its path leads to another file by now, or to none: what is written is found by nobody.
  bool has_moved();
  // Whether closing folds the write-ahead log into the database. Off while it may be damaged.
  void checkpoint_on_close(bool enabled);

 private:
  friend class Transaction;
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database);

  std::unique_ptr<int> wal_frames_ = std::make_unique<int>(0);
  std::unique_ptr<sqlite3, Close> database_;
};

// BEGIN IMMEDIATE; rolled back unless commit() succeeded.
class Transaction {
 public:
  static base::Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  base::Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

// Neither a database, nor sound: the file is set aside.
inline bool is_damage(const base::Error& error) {
  return error.code == base::Code::BG_E_DATABASE_CORRUPT;
}

}  // namespace backhaul::sqlite
