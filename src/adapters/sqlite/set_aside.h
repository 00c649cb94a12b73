// SPDX-License-Identifier: Apache-2.0
// The files of the database on disk: made private, and moved out of the way when they are damaged.
// Nothing is ever deleted: what is in them may still be worth something to somebody.
#pragma once

#include <string>

#include "base/result.h"

namespace backhaul::sqlite {

// The directory (0700 if it is made) and the file (0600) exist afterwards, durably. Must run before
// the database is opened: closing any descriptor of the file drops SQLite's locks.
base::Result<void> prepare_file(const std::string& path);

// Renames `path` and the journals beside it to `<path>.damaged-<utc>…`; returns the new name.
base::Result<std::string> set_aside(const std::string& path);

// A journal whose database is gone (a crash in the middle of set_aside) would be deleted by SQLite.
base::Result<void> set_orphaned_journals_aside(const std::string& path);

}  // namespace backhaul::sqlite
