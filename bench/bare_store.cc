// SPDX-License-Identifier: Apache-2.0
// The least that can be done with a queue on disk: opens the database like the service, reads every
// value of every job and file, keeps none of them, and answers calls under a name of its own. What a
// process cannot be faster or smaller than.
// Usage: bare_store NAME DATABASE
#include <sqlite3.h>
#include <systemd/sd-bus.h>

#include <cstdio>

namespace {

long long read_all(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK) return -1;
  long long values = 0;
  while (sqlite3_step(statement) == SQLITE_ROW)
    for (int i = 0; i < sqlite3_data_count(statement); ++i)
      if (sqlite3_column_type(statement, i) == SQLITE_INTEGER)
        values += sqlite3_column_int64(statement, i) != 0;
      else
        values += sqlite3_column_bytes(statement, i) != 0;
  return sqlite3_finalize(statement) == SQLITE_OK ? values : -1;
}

int on_call(sd_bus_message* message, void*, sd_bus_error*) {
  return sd_bus_reply_method_return(message, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  sqlite3* database = nullptr;
  sd_bus* bus = nullptr;
  if (argc < 3 || sqlite3_open(argv[2], &database) != SQLITE_OK || sd_bus_open_user(&bus) < 0) return 1;
  sqlite3_exec(database, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL", nullptr, nullptr,
               nullptr);
  if (read_all(database, "SELECT * FROM job") < 0 || read_all(database, "SELECT * FROM file") < 0) {
    std::fprintf(stderr, "bare_store: %s\n", sqlite3_errmsg(database));
    return 1;
  }
  sd_bus_add_object(bus, nullptr, "/bare", on_call, nullptr);
  if (sd_bus_request_name(bus, argv[1], 0) < 0) return 1;
  for (;;) {
    const int result = sd_bus_process(bus, nullptr);
    if (result < 0) return 1;
    if (result == 0 && sd_bus_wait(bus, UINT64_MAX) < 0) return 1;
  }
}
