// SPDX-License-Identifier: Apache-2.0
// What is kept for neighbours, and what programs asked for of that, as SqliteStore writes it.
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
  if (!batch.preferences) return {};
  bind_preferences(connection.put_preferences, *batch.preferences);
  return connection.put_preferences.run();
}

}  // namespace backhaul::sqlite
