// SPDX-License-Identifier: Apache-2.0
// The blocking work of the cache (posix_cache.h): its folder, and copies in it. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "adapters/posix/access.h"
#include "adapters/posix/directory.h"
#include "base/result.h"
#include "ports/cache.h"
#include "ports/events.h"

namespace backhaul::posix {

// What no record knows is deleted from the folder. It need not be there.
ports::CacheLooked look_at_cache(const std::string& folder, const std::vector<ports::KnownCopy>& known);
// E_ABORT as soon as `stopped`. Whatever fails leaves nothing behind.
base::Result<void> make_copy(const std::string& folder, const ports::CopyOrder& order, Directories& directories,
                             const std::shared_ptr<Access>& access, const std::atomic<bool>& stopped);
// One that is not there is fine.
void remove_copy(const std::string& folder, base::RecordId id);

}  // namespace backhaul::posix
