// SPDX-License-Identifier: Apache-2.0
// Copies of files: by sharing their blocks where the file system can do that, else piece by piece. Blocking; for a
// worker.
#pragma once

#include <atomic>
#include <string>

#include "base/result.h"
#include "core/extents.h"

namespace backhaul::posix {

// All of it, in one step. False: this file system cannot, or not between these two.
bool share_blocks(int from, int to);
// To the same place. `path` for the text of an error; E_ABORT once it is stopped.
base::Result<void> copy_bytes(int from, int to, core::Extent bytes, const std::string& path,
                              const std::atomic<bool>& stopped);
base::Error copy_stopped();

}  // namespace backhaul::posix
