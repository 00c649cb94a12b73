// SPDX-License-Identifier: Apache-2.0
// Secrets of jobs, as SqliteStore writes and forgets them.
#include "adapters/sqlite/rows.h"
#include "adapters/sqlite/sqlite_store.h"

namespace backhaul::sqlite {

base::Result<void> SqliteStore::write_shelf(const ports::ShelfOfJob& shelf) {
  const auto job = rows_.find(shelf.job);
  BH_ASSERT(job != rows_.end());
  if (job->second.secrets) BH_CHECK(forget_secrets(job->second));
  for (const auto& [slot, sealed] : shelf.shelf) {
    bind_secret(connection_->put_secret, job->second.row, {slot, sealed});
    BH_CHECK(connection_->put_secret.run());
    job->second.secrets = true;
  }
  return {};
}

// Also from the pages where they stood. The flag stays with the job until its row goes: a transaction that
// fails brings them back.
base::Result<void> SqliteStore::forget_secrets(StoredJob& job) {
  Connection& connection = *connection_;
  BH_CHECK(connection.database.number("PRAGMA secure_delete = ON"));
  connection.remove_secrets.bind(1, job.row);
  const auto removed = connection.remove_secrets.run();
  BH_CHECK(connection.database.number("PRAGMA secure_delete = OFF"));
  forgot_secrets_ = true;
  return removed;
}

}  // namespace backhaul::sqlite
