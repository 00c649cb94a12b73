// SPDX-License-Identifier: Apache-2.0
// A small file that an owner named, as a whole. Blocking; any thread.
#pragma once

#include <string>

#include "adapters/posix/access.h"
#include "base/result.h"
#include "base/secret.h"

namespace backhaul::posix {

// E_INVALIDARG: it is no ordinary file, or more than a MiB.
base::Result<base::Secret> read_small_file(Access& access, const std::string& path);

}  // namespace backhaul::posix
