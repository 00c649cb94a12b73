// SPDX-License-Identifier: Apache-2.0
// What stands under the name of a destination, looked at without touching it (core/destination.h).
#pragma once

#include <sys/stat.h>

#include <string>

#include "base/result.h"

namespace backhaul::posix {

// `name` in the directory `directory` (AT_FDCWD and an absolute path do as well); `local` for texts.
base::Result<void> look_at_destination(int directory, const std::string& name,
                                       const std::string& local);

}  // namespace backhaul::posix
