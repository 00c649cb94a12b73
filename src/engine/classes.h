// SPDX-License-Identifier: Apache-2.0
// Which class a job has, and what stands in its row of starts that failed.
#pragma once

#include "core/job.h"
#include "engine/class_starts.h"
#include "engine/draft.h"

namespace backhaul::engine {

inline ClassKey class_of(const core::Job& job) { return {job.notify_class->name, job.owner_uid}; }

// What failed is tried at once.
void forget_failed_starts(Draft& draft, const base::JobId& id);

}  // namespace backhaul::engine
