// SPDX-License-Identifier: Apache-2.0
// The files of the database on disk: made private, and moved out of the way when they are damaged.
// Nothing of the user's is ever deleted: it may still be worth something to somebody.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/sqlite/database.h"
#include "base/result.h"

namespace backhaul::sqlite {

// The directory exists afterwards, durably; 0700 if it is made.
base::Result<void> prepare_folder(const std::string& path);
// The directory and the file (0600) exist afterwards, durably. Must run before
// the database is opened: closing any descriptor of the file drops SQLite's locks.
base::Result<void> prepare_file(const std::string& path);

// SQLite would open what stands there and is no file: it is set aside; the new names.
base::Result<std::vector<std::string>> make_way_for_journals(const std::string& path);

enum class FileState : std::uint8_t { missing, empty, there };
FileState state_of(const std::string& path);

// Renames `path` and the journals beside it, as far as they are there, to `<path>.damaged-<utc>…`;
// returns the new name.
base::Result<std::string> set_aside(const std::string& path);

// A journal whose database is gone (a crash in the middle of set_aside) would be deleted by SQLite.
// True: there was one.
base::Result<bool> set_orphaned_journals_aside(const std::string& path);

// Sets `path` aside and puts `by`, a database that is closed, in its place. Between the two steps
// there is no `path`: whoever finds only `by` puts it in place.
base::Result<std::string> replace(const std::string& path, const std::string& by);
base::Result<void> put_in_place(const std::string& path, const std::string& by);

// Writes the database as it stands to a dated name beside it, and says which.
base::Result<std::string> keep_copy(Database& database, const std::string& path);
// Of our own making, and not needed any more.
void remove_database(const std::string& path);

}  // namespace backhaul::sqlite
