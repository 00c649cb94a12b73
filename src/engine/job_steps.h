// SPDX-License-Identifier: Apache-2.0
// Steps of a job over a draft: what more than one part does to a job. They know rows and values, no
// part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "core/job_table.h"
#include "engine/draft.h"

namespace backhaul::engine {

// The only way a job's state changes. Events and ends are recorded with it.
base::Result<core::Effects> step(Draft& draft, const base::JobId& id, core::JobEvent event,
                                 std::optional<core::ErrorInfo> error = {});
void record_event(Draft& draft, const core::Job& job);

// The job holds the turn as this draft sees it: nobody suspended, completed or cancelled it.
bool moves(const Draft& draft, const base::JobId& id);
// CONNECTING and TRANSFERRING count towards MaximumDownloadTime; brought up to date whenever
// something happens to the job.
void account_time(Draft& draft, const base::JobId& id, Weight weight = Weight::soft);
// What was counted until now outlasts a crash from here on.
void keep_time(Draft& draft);

// Whether the account of this owner stays what it is, where that can change.
void watch(Draft& draft, const core::Owner& owner);

void give_turn_back(Draft& draft, const base::JobId& id);
// Likewise where a request may have been made for nothing: a job that asks but once is in ERROR.
void lose_turn(Draft& draft, const base::JobId& id);
// What such a job is told.
core::ErrorInfo request_lost();
// What is under way of it was begun by what does not hold any more: it goes on with its next turn.
void interrupt(Draft& draft, const base::JobId& id);
// Where AutoComplete is set and everything is here.
void complete_by_itself(Draft& draft, const base::JobId& id);
void log_failure(Draft& draft, const base::JobId& id, const core::ErrorInfo& error);

// Somebody new is registered: what is due is tried again at once, from the top of the ladder.
void climb_again(core::Job& job);
// Its process has left the bus: what it was to hear falls to the next rung, and nothing waits on its account.
void lose_object(core::Job& job);
// Nobody asks this one about certificates any more: it is replaced, cleared, or its job is over.
void drop_certificate_check(Draft& draft, const base::JobId& id);

// It ends, or gets another owner: what was entrusted to it is for nobody any more.
void drop_secrets(Draft& draft, const base::JobId& id);

// A file is here: somebody may validate it.
void owe_file_event(Draft& draft, const base::JobId& id, std::uint32_t file);
// The event of one file is over; that of the first file with one takes its place.
void file_event_heard(Draft& draft, const base::JobId& id);

}  // namespace backhaul::engine
