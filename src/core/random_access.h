// SPDX-License-Identifier: Apache-2.0
// Which files may be read at random, and what of a file its job fetches now (files.md §8). Pure.
#pragma once

#include "base/result.h"
#include "core/job.h"

namespace backhaul::core {

// BG_E_RANDOM_ACCESS_NOT_SUPPORTED: ranges are wanted of it, its content is dynamic, it does not come by
// HTTP, or its server was found to give no ranges.
base::Result<void> may_access_at_random(const Job& job, const File& file);

// Something of it is to be fetched: in on-demand mode what was asked for, otherwise all of it.
bool has_to_fetch(const Job& job, const File& file);

// What is held of it counts nothing at the next attempt: dynamic content may be other content then.
bool begins_at_zero(const Job& job, const File& file);

// FileRangesTransferred tells of this file: somebody reads it at random (N124).
bool tells_ranges(const Job& job, const File& file);

}  // namespace backhaul::core
