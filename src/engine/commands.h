// SPDX-License-Identifier: Apache-2.0
// What clients ask for. A refusal changes nothing; everything else is answered after its commit.
// Order of the checks: does the job exist, may the caller, is the state final, then the arguments.
#pragma once

#include <optional>

#include "base/ids.h"
#include "base/result.h"
#include "engine/draft.h"
#include "ports/queue.h"

namespace backhaul::engine {

// The job a command is about; unset for Enqueue.
std::optional<base::JobId> job_of(const ports::CommandBody& body);
base::Result<void> may_touch(const core::Job& job, const ports::Caller& caller);
// Committed jobs, tombstones included.
base::Result<const core::Job*> find_job(const Table& table, const base::JobId& id,
                                        const ports::Caller& caller);
// It comes behind the Complete or Cancel of its job.
bool waits_behind_intent(const Draft& draft, const ports::Command& command);

// Unset: it began Complete or Cancel, and is answered at the end of that.
using Answer = std::optional<base::Result<ports::ReplyValue>>;
Answer perform(Draft& draft, const ports::Command& command);

}  // namespace backhaul::engine
