// SPDX-License-Identifier: Apache-2.0
// Jobs that are needed by some moment (core/needed.h): how urgent they are stands in their row, and is looked
// at when bytes came, when their settings change, and when time alone may have made them more urgent.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "base/time.h"
#include "core/needed.h"
#include "engine/draft.h"

namespace backhaul::engine {

std::optional<core::Need> need_of(const core::Job& job, const Run* run, const base::Instant& now);
void look_at_need(Draft& draft, const base::JobId& id);
// So many octets of it were stored.
void measure_need(Draft& draft, const base::JobId& id, Run& run, std::uint64_t octets);
// base::never: nothing but an event makes it more urgent.
base::BootTime next_look_at_need(const core::Job& job, const Run* run, const base::Instant& now);

}  // namespace backhaul::engine
