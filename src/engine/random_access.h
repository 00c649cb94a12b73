// SPDX-License-Identifier: Apache-2.0
// Files that are read at random (files.md §8): what their programs ask for, and what that means for the
// transfers that are under way.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "core/wanted.h"
#include "engine/draft.h"
#include "engine/runs.h"

namespace backhaul::engine {

base::Result<void> request_ranges(Draft& draft, const base::JobId& id, std::uint32_t file,
                                  const std::vector<core::WantedRange>& ranges);
base::Result<void> set_position(Draft& draft, const base::JobId& id, std::uint32_t file,
                                std::uint64_t position);

// The transfer of a file comes to its end before the file does: its part is closed, and what is to be
// fetched of it then is looked at again.
void leave_file(Draft& draft, Run& run, Lane& lane);
// What a failure says of a demand: true if the job goes on without it, because all of its files are
// wanted anyway.
bool give_up_demand(Draft& draft, const base::JobId& id, std::uint32_t file, base::Code why);

}  // namespace backhaul::engine
