// SPDX-License-Identifier: Apache-2.0
// What is kept for neighbours, what programs asked for of that, and who of them lied, as SqliteStore writes it.
#include "adapters/sqlite/rows.h"
#include "adapters/sqlite/sqlite_store.h"

namespace backhaul::sqlite {

base::Result<void> SqliteStore::write_cache(const ports::Batch& batch) {
  Connection& connection = *connection_;
  for (const core::CacheRecord& record : batch.cache) {
    bind_cache(connection.put_cache, record);
    BH_CHECK(connection.put_cache.run());
  }
  for (const std::uint64_t number : batch.cache_removed) {
    connection.remove_cache.bind(1, static_cast<std::int64_t>(number));
    BH_CHECK(connection.remove_cache.run());
  }
  if (batch.preferences) {
    bind_preferences(connection.put_preferences, *batch.preferences);
    BH_CHECK(connection.put_preferences.run());
  }
  if (!batch.bans) return {};
  BH_CHECK(connection.database.run("DELETE FROM ban"));
  std::int64_t number = 0;
  for (const auto& [key, until] : *batch.bans) {
    bind_ban(connection.put_ban, ++number, {key, until});
    BH_CHECK(connection.put_ban.run());
  }
  return {};
}

}  // namespace backhaul::sqlite
