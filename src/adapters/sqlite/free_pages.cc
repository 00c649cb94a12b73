// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/free_pages.h"

#include <string>

#include "adapters/sqlite/sqlite_store.h"

namespace backhaul::sqlite {
namespace {

constexpr std::int64_t pages_at_once = 1024 * 1024 / 4096;

}  // namespace

base::Result<bool> give_back(Database& database) {
  BH_TRY(const std::int64_t free, database.number("PRAGMA freelist_count"));
  BH_TRY(const std::int64_t all, database.number("PRAGMA page_count"));
  if (free <= spare_pages || free <= all / 2) return false;
  BH_CHECK(database.run("PRAGMA incremental_vacuum(" + std::to_string(pages_at_once) + ")"));
  BH_CHECK(database.checkpoint());  // the file becomes shorter when the log is folded into it
  BH_TRY(const std::int64_t left, database.number("PRAGMA freelist_count"));
  return left < free;
}

// Until somebody commits, who is not to wait behind more than one step.
void SqliteStore::give_back_free_pages() {
  worker_.submit([this]() -> loop::Callback {
    const auto more = give_back(connection_->database);
    if (!more) {
      log_.write(base::LogLevel::warning, more.error().text);
      if (is_damage(more.error()) && !connection_->database.has_moved()) note_damage();
    }
    if (!more.value_or(false)) return {};
    return [this] {
      if (!busy_since_timer_) give_back_free_pages();
    };
  });
}

}  // namespace backhaul::sqlite
