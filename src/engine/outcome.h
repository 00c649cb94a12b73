// SPDX-License-Identifier: Apache-2.0
// What becomes of a job when one of its files is here, or failed: always in the order of the files.
#pragma once

#include <cstdint>
#include <string>

#include "core/job.h"
#include "core/job_table.h"
#include "engine/draft.h"
#include "engine/runs.h"

namespace backhaul::engine {

// The job leaves its turn with an error.
void fail(Draft& draft, const base::JobId& id, Run& run, core::JobEvent event, core::ErrorInfo error);
// All its files are here.
void finish(Draft& draft, const base::JobId& id, Run& run);
// Takes what is finished from the front: stored files become transferred, the first failure stops
// the job. Whatever happened to later files waits until its turn comes.
void take_in_order(Draft& draft, const base::JobId& id, Run& run);
// The transport is stopped; in the order of the files the job takes it as a failure.
void give_up(Draft& draft, const base::JobId& id, Run& run, Lane& lane, core::ErrorInfo error);
// Gives up if the files of the job are more than it may fetch.
bool is_over_size(Draft& draft, const base::JobId& id, Run& run, Lane& lane);
// Likewise where the last bytes were stored while their part was being closed.
void end_over_size(Draft& draft, const base::JobId& id, Run& run, std::uint32_t file);
// A server that asked for time gave an answer to this job, whose owner went past that. `for_all`: which speaks for all.
void lift_wish(Draft& draft, const base::JobId& insistent, const std::string& origin, bool for_all);

}  // namespace backhaul::engine
