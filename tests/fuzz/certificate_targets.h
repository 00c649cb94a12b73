// SPDX-License-Identifier: Apache-2.0
// Certificates that machines show, and the files of their authority.
#pragma once

#include <vector>

#include "tests/fuzz/targets.h"

namespace backhaul::fuzz {

// A certificate for them is made each time.
std::vector<Target> certificate_targets();

}  // namespace backhaul::fuzz
