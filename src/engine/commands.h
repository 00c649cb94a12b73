// SPDX-License-Identifier: Apache-2.0
// What clients ask for. A refusal changes nothing; everything else is answered after its commit.
// Order of the checks: does the job exist, may the caller, is the state final, then the arguments.
#pragma once

#include <optional>
#include <variant>

#include "base/ids.h"
#include "base/result.h"
#include "engine/draft.h"
#include "engine/lines.h"
#include "ports/queue.h"

namespace backhaul::engine {

// The job a command is about; unset for Enqueue.
std::optional<base::JobId> job_of(const ports::CommandBody& body);
base::Result<void> may_touch(const core::Job& job, const ports::Caller& caller);
// Committed jobs, tombstones included.
base::Result<const core::Job*> find_job(const Table& table, const base::JobId& id,
                                        const ports::Caller& caller);
// It comes behind the Complete, Cancel or TakeOwnership of its job.
bool waits_behind_intent(const Draft& draft, const ports::Command& command);

// It began Complete, Cancel or TakeOwnership, and is answered at the end of that.
struct AtItsEnd {};
// An answer; or what the world has to be asked first, and then nothing has changed.
using Outcome = std::variant<base::Result<ports::ReplyValue>, AtItsEnd, ports::Destinations>;
// `clearance`: what the world was asked for it and said; null: nothing. It counts where this is still
// what has to be known: whoever owned the job then may not be its owner any more.
Outcome perform(Draft& draft, const ports::Command& command, const Clearance* clearance);
// Where its files are to go, as far as that can be told before the commands in front of it are carried
// out. Unset: it has none, or is refused as it looks now.
std::optional<ports::Destinations> destinations_of(const Draft& draft,
                                                   const ports::Command& command);

}  // namespace backhaul::engine
