// SPDX-License-Identifier: Apache-2.0
// Pages that nothing is in any more. SQLite keeps them for what comes next; of a large file most of which is such pages,
// they go back to the file system. Each step is a transaction of its own: after a crash in the middle the rows are where
// they were before it.
#pragma once

#include <cstdint>

#include "adapters/sqlite/database.h"

namespace backhaul::sqlite {

// It ends when about so many are left, or as many as others are there.
inline constexpr std::int64_t spare_pages = 4 * 1024 * 1024 / 4096;

// Of a database that was laid out for it (schema.h). At most 1 MiB at once, so that no commit waits for long. True: there
// may be more.
base::Result<bool> give_back(Database& database);

}  // namespace backhaul::sqlite
