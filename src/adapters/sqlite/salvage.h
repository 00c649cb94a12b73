// SPDX-License-Identifier: Apache-2.0
// Saving rows from a damaged queue. It reads whatever is on the disk, so it runs in a process of its
// own (backhauld --salvage): should it crash or never end, the service uses what it wrote until then.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace backhaul::sqlite {

// --- In the second process ---------------------------------------------------------------------
// Walks the tables of `source` by row number, skips what cannot be read, and writes the rows as they
// are into `target`, a new queue of the same version, some at a time. `source` is not changed.
// `after_row` is for tests.
base::Result<void> salvage(const std::string& source, const std::string& target,
                           const std::function<void()>& after_row = [] {});
// The same as a program: its exit code.
int run_salvage(const std::string& source, const std::string& target);

// --- In the service ----------------------------------------------------------------------------
// How the second process is started: argv without the two paths.
using SalvageCommand = std::vector<std::string>;

// Runs it and waits for its end, some time at most. Empty, or what was wrong with that end; an error:
// there was no room for what it saved, and nothing of it may be used.
base::Result<std::string> run_salvager(const SalvageCommand& command, const std::string& source,
                         const std::string& target);

}  // namespace backhaul::sqlite
