// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/database.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace backhaul::sqlite {
namespace {

using base::Code;
using base::Error;
using base::ErrorContext;

// Of the file that failed. The connection's own record of it is overwritten by the rollback.
int system_error(sqlite3* database) {
  if (database == nullptr) return 0;
  for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    int error = 0;
    if (sqlite3_file_control(database, "main", which, &file) == SQLITE_OK && file != nullptr &&
        file->pMethods != nullptr &&
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error) == SQLITE_OK &&
        error != 0)
      return error;
  }
  return sqlite3_system_errno(database);
}

Code code_of(sqlite3* database, int result) {
  switch (result & 0xFF) {
    case SQLITE_FULL: return Code::DISK_FULL;
    case SQLITE_NOMEM: return Code::E_OUTOFMEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Code::BG_E_DATABASE_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Code::SHARING_VIOLATION;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return Code::E_ACCESSDENIED;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: {
      const int system = system_error(database);
      const Code code = system == 0 ? Code::WRITE_FAULT : base::code_from_errno(system);
      return code == Code::E_FAIL ? Code::WRITE_FAULT : code;
    }
    default: return Code::E_FAIL;
  }
}

// `what`: a few words, or a statement, of which its first word says enough to people.
Error error_of(sqlite3* database, int result, std::string_view what) {
  std::string text = "The queue database: ";
  what.remove_prefix(std::min(what.find_first_not_of(" \n"), what.size()));
  if (what.size() > 60 || what.contains('\n')) what = what.substr(0, what.find_first_of(" \n"));
  text.append(what).append(": ");
  text += database == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(database);
  return {code_of(database, result), ErrorContext::general_queue_manager, std::move(text)};
}

int wal_grew(void* frames, sqlite3*, const char*, int count) {
  *static_cast<int*>(frames) = count;
  return SQLITE_OK;
}

}  // namespace

// --- Statement ---------------------------------------------------------------------------------
void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::bind(int position, std::int64_t value) {
  bind_result_ = std::max(bind_result_, sqlite3_bind_int64(statement_.get(), position, value));
}

void Statement::bind(int position, std::string_view value) {
  // A null pointer would become NULL, whatever the length.
  const char* data = value.empty() ? "" : value.data();
  bind_result_ = std::max(bind_result_, sqlite3_bind_text64(statement_.get(), position, data,
                                                            value.size(), SQLITE_STATIC,
                                                            SQLITE_UTF8));
}

void Statement::bind(int position, std::span<const std::uint8_t> value) {
  bind_result_ = std::max(bind_result_, sqlite3_bind_blob64(statement_.get(), position,
                                                            value.data(), value.size(),
                                                            SQLITE_STATIC));
}

void Statement::bind_copy(int position, std::string_view value) {
  bind_result_ = std::max(bind_result_, sqlite3_bind_text64(statement_.get(), position, value.data(),
                                                            value.size(), SQLITE_TRANSIENT,
                                                            SQLITE_UTF8));
}

void Statement::bind_null(int position) {
  bind_result_ = std::max(bind_result_, sqlite3_bind_null(statement_.get(), position));
}

void Statement::bind_column(int position, const Statement& row, int column) {
  bind_result_ = std::max(bind_result_,
                          sqlite3_bind_value(statement_.get(), position,
                                             sqlite3_column_value(row.statement_.get(), column)));
}

base::Result<bool> Statement::step() {
  sqlite3* const database = sqlite3_db_handle(statement_.get());
  if (bind_result_ != SQLITE_OK)
    return error_of(nullptr, std::exchange(bind_result_, SQLITE_OK), "binding a value");
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  Error error = error_of(database, result, sqlite3_sql(statement_.get()));
  sqlite3_reset(statement_.get());
  return error;
}

base::Result<void> Statement::run() {
  for (;;) {
    BH_TRY(const bool row, step());
    if (!row) break;
  }
  reset();
  return {};
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

int Statement::columns() const { return sqlite3_column_count(statement_.get()); }

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

// The value is fetched once and asked twice: that halves the cost of loading a queue. Such a value
// may be used by one thread at a time only, which is the rule of a Database anyway.
bool Statement::read(int column, std::int64_t& value) const {
  sqlite3_value* const found = sqlite3_column_value(statement_.get(), column);
  if (sqlite3_value_type(found) != SQLITE_INTEGER) return false;
  value = sqlite3_value_int64(found);
  return true;
}

template <class String>
bool Statement::read_text(int column, String& value) const {
  sqlite3_value* const found = sqlite3_column_value(statement_.get(), column);
  if (sqlite3_value_type(found) != SQLITE_TEXT) return false;
  const unsigned char* text = sqlite3_value_text(found);
  if (text == nullptr) return false;
  value = std::string_view(reinterpret_cast<const char*>(text),
                           static_cast<std::size_t>(sqlite3_value_bytes(found)));
  return true;
}

bool Statement::read(int column, std::string& value) const { return read_text(column, value); }
bool Statement::read(int column, base::Text& value) const { return read_text(column, value); }

bool Statement::read(int column, std::span<std::uint8_t> exactly) const {
  sqlite3_value* const found = sqlite3_column_value(statement_.get(), column);
  if (sqlite3_value_type(found) != SQLITE_BLOB) return false;
  const void* bytes = sqlite3_value_blob(found);
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(found));
  if (bytes == nullptr || size != exactly.size()) return false;
  std::copy_n(static_cast<const std::uint8_t*>(bytes), size, exactly.data());
  return true;
}

// --- Database ----------------------------------------------------------------------------------
void Database::Close::operator()(sqlite3* database) const {
  // v2: a statement that is destroyed after its database keeps the connection until then.
  sqlite3_close_v2(database);
}

Database::Database(sqlite3* database) : database_(database) {
  // Our hook takes the place of the one that makes automatic checkpoints.
  if (database != nullptr) sqlite3_wal_hook(database, wal_grew, wal_frames_.get());
}

base::Result<Database> Database::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle);  // also after a failure: it must be closed
  if (result != SQLITE_OK) return error_of(handle, result, "opening " + path);
  return database;
}

base::Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return error_of(database_.get(), result, sql);
  return Statement(statement);
}

base::Result<void> Database::run(const std::string& sql) {
  const int result = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return error_of(database_.get(), result, sql);
  return {};
}

base::Result<std::int64_t> Database::number(std::string_view sql) {
  BH_TRY(Statement statement, prepare(sql));
  BH_TRY(const bool row, statement.step());
  std::int64_t value = 0;
  if (!row || !statement.read(0, value))
    return Error(Code::BG_E_DATABASE_CORRUPT, ErrorContext::general_queue_manager,
                 "The queue database: no number from " + std::string(sql));
  return value;
}

base::Result<std::string> Database::text(std::string_view sql) {
  BH_TRY(Statement statement, prepare(sql));
  BH_TRY(const bool row, statement.step());
  std::string value;
  if (!row || !statement.read(0, value))
    return Error(Code::BG_E_DATABASE_CORRUPT, ErrorContext::general_queue_manager,
                 "The queue database: no text from " + std::string(sql));
  return value;
}

base::Result<bool> Database::checkpoint(bool empty) {
  int frames = 0;
  int copied = 0;
  const int how = empty ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int result = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, how, &frames, &copied);
  if (result != SQLITE_OK) return error_of(database_.get(), result, "checkpoint");
  if (frames != copied) return false;
  *wal_frames_ = 0;
  return true;
}

bool Database::has_moved() {
  int moved = 0;
  sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

void Database::checkpoint_on_close(bool enabled) {
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, enabled ? 0 : 1, nullptr);
}

// --- Transaction -------------------------------------------------------------------------------
base::Result<Transaction> Transaction::begin(Database& database) {
  BH_CHECK(database.run("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // Some failures have rolled back already.
  sqlite3* const handle = database_->database_.get();
  if (sqlite3_get_autocommit(handle) == 0)
    sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
}

base::Result<void> Transaction::commit() {
  BH_CHECK(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace backhaul::sqlite
