// SPDX-License-Identifier: Apache-2.0
// Which cells of the job table a simulation touched. The linker puts our function in front of
// core::step (-Wl,--wrap), so the engine needs no hook for it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/job_table.h"

namespace backhaul::sim {

using CellCounts =
    std::array<std::array<std::uint64_t, base::job_state_count>, core::job_event_count>;

const CellCounts& touched_cells();
// Share of the cells that can happen, and the list of those that did not.
std::string describe_cells();

}  // namespace backhaul::sim
