// SPDX-License-Identifier: Apache-2.0
// What stands under the name of a destination, looked at without touching it (core/destination.h).
#pragma once

#include <sys/stat.h>

#include <string>

#include "base/result.h"
#include "core/admission.h"

namespace backhaul::posix {

// `name` in the directory `directory` (AT_FDCWD and an absolute path do as well); `local` for texts.
base::Result<void> look_at_destination(int directory, const std::string& name,
                                       const std::string& local);

// Whether a file can be put there (ports::Files::check). Blocking; for a worker.
base::Result<void> check_target(const core::Placed& file);

}  // namespace backhaul::posix
