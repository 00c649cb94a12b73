// SPDX-License-Identifier: Apache-2.0
// Parts with holes, as they are where pieces of a file came from several sources: made in the rows while
// no service runs.
#pragma once

#include <cstdint>

#include "tests/sim/world.h"

namespace backhaul::sim {

// The bytes stay where they are, but no record speaks of them any more. False: the file has no part that
// is as it was recorded.
bool punch_hole(World& world, const base::JobId& job, std::uint32_t index, core::Extent hole);

// Here and there, in files that are not whole.
void punch_some_holes(World& world, base::Prng& prng);

}  // namespace backhaul::sim
