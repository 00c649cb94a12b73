// SPDX-License-Identifier: Apache-2.0
// Which file a job goes on with, as far as the servers tell that it may fetch from. Whoever judges whether a job may
// have a turn, and where it goes then, looks at this file.
#pragma once

#include "core/job.h"
#include "core/origins.h"
#include "engine/table.h"

namespace backhaul::engine {

// The first that has to be fetched and has an address that is not refused. Where all that have to be fetched have
// none, the first of these, which then bars the job; null: nothing has to be fetched.
const core::File* next_to_fetch(const core::Job& job, const Entry& entry, const core::AllowedOrigins& origins);

}  // namespace backhaul::engine
