// SPDX-License-Identifier: Apache-2.0
// The tables, and how a database of any released version becomes one of the present version. A
// released step is never edited; the next version appends one.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "adapters/sqlite/database.h"

namespace backhaul::sqlite {

inline constexpr std::int64_t application_id = 0x42484C31;  // "BHL1": the file is ours
// SQL that leads from version i to i + 1, for i from 0 (an empty file).
std::span<const std::string> migrations();

// Of a file that is empty, before all else: what is free in it later can be given back (free_pages.h), and the roots of
// the tables lie in front, in the order in which they are made.
base::Result<void> lay_out(Database& database);

// Brings the database to the newest version in one transaction. Refuses (CO_E_NOT_SUPPORTED) one
// that a newer program wrote; a database of somebody else counts as damage.
base::Result<void> migrate(Database& database, std::span<const std::string> steps = migrations());

}  // namespace backhaul::sqlite
