// SPDX-License-Identifier: Apache-2.0
// What stands under the name of a destination, looked at without touching it (core/destination.h).
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "adapters/posix/access.h"
#include "adapters/posix/mounts.h"
#include "base/result.h"
#include "core/admission.h"
#include "core/destination.h"

namespace backhaul::posix {

core::FileKind kind_of(mode_t mode);

// `name` in the directory `directory`, as Access::look takes them; `local` for texts.
base::Result<void> look_at_destination(Access& access, int directory, const std::string& name,
                                       const std::string& local);

// Whether a file can be put there (ports::Files::check). Blocking; for a worker. `good`: the directory that was found
// good for the file before, of several that are checked in one go; empty: none. It is not looked at again.
base::Result<void> check_target(const std::shared_ptr<Access>& access, const core::Placed& file,
                                std::string& good);
// Likewise, and nobody but this account and root may change what lies there (ports::Destinations::guarded).
base::Result<void> check_guarded(const std::shared_ptr<Access>& access, const core::Placed& file, uid_t owner);

// The same for the loop, which waits for nobody: an answer only where the way to the directory is one that the kernel
// remembers, no link is on it, and every file system on it is one of this machine (its disks the queue stands on as
// well).
std::optional<base::Result<void>> check_target_at_once(Mounts& mounts, Access& access, const core::Placed& file);

}  // namespace backhaul::posix
