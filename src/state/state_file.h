// SPDX-License-Identifier: Apache-2.0
// How the service and its clients open what lies in the state folder. Anything may stand there under a
// name of ours, left by a backup, a synchronised home or a mistake: a folder, a link that leads anywhere,
// a named pipe at which an open waits for ever.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace backhaul::state {

// open(2) without following a link, without waiting for anybody and without leaving the descriptor to
// programs; a file that is made is private. The descriptor is the caller's to close. What is no regular
// file is an error that says what stands at which path.
base::Result<int> open_file(const std::string& path, int flags);

// The file has this content afterwards, or the one before: it is written beside it, as "<path>.new", and renamed.
// It is not synced.
base::Result<void> replace_file(const std::string& path, std::string_view content);

// Like that, and durable: it has its name when it is synced, and the name is before this returns. `mode`: its permissions.
base::Result<void> put_file(const std::string& path, std::string_view content, mode_t mode = 0600);

// What stands at `path` and is no regular file is renamed to "<path>.set-aside", with a number where that
// is taken; the new name. Unset: the way is free.
base::Result<std::optional<std::string>> make_way(const std::string& path);

}  // namespace backhaul::state
