// SPDX-License-Identifier: Apache-2.0
// Which cells of the job table a simulation touched, and with which outcome where a guard decides. The
// linker puts our function in front of core::step (-Wl,--wrap), so the engine needs no hook for it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "core/job_table.h"

namespace backhaul::sim {

struct TouchedCell {
  core::JobEvent event{};
  base::JobState state{};
  core::CellKind kind{};
  base::JobState target{};
  base::Code code{};
  auto operator<=>(const TouchedCell&) const = default;
};

// Every outcome of every cell that can happen.
std::vector<TouchedCell> possible_cells();
void forget_touched_cells();
std::uint64_t times_touched(const TouchedCell& cell);
// As a reader of the table would call it: "start in error: to queued".
std::string name_of(const TouchedCell& cell);

}  // namespace backhaul::sim
