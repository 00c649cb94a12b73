// SPDX-License-Identifier: Apache-2.0
// After a Complete that found what was received gone, a second one must not mean "without it": whoever
// repeats a call that failed wants what he asked for. Start fetches it; Cancel gives it up.
#pragma once

#include "core/job.h"

namespace backhaul::core {

// The job is in ERROR because of parts that were lost, and nobody has started it since.
bool waits_for_lost_parts(const Job& job);

}  // namespace backhaul::core
