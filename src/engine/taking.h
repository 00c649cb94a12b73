// SPDX-License-Identifier: Apache-2.0
// TakeOwnership (jobs.md §8): a job becomes somebody else's, with what is held of its files. The former owner may have
// the parts open for writing, so they are copied into files of the new owner. The intent is on the disk first; then the
// copies are made, and the row changes its owner and its parts in one commit; then the former parts are deleted. Every
// step can be repeated, and the row tells at each moment whose files lie where.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "core/job_table.h"
#include "core/owner.h"
#include "engine/adding.h"
#include "engine/draft.h"
#include "ports/events.h"
#include "ports/files.h"
#include "ports/queue.h"

namespace backhaul::engine {

// What the command changes at once. The answer is the event that it is for the job: `take` where there are parts that
// have to be copied first, and `change` where the job is the caller's already.
base::Result<core::JobEvent> take_ownership(Draft& draft, const base::JobId& id, const ports::Caller& caller,
                                            Knowledge& known);

// Whether this account may be somebody else's by now, so that whoever works for it has to look for themselves.
bool is_in_doubt(const Draft& draft, const core::Owner& owner);

ports::HandOverRequest hand_over_request(const Draft& draft, const base::JobId& id);
// The job is the new owner's, with the copies that were made. What could not be copied is fetched anew.
void take_parts(Draft& draft, const ports::HandedOver& event);
ports::DiscardRequest former_parts(const Draft& draft, const base::JobId& id);
// Of what the former owner may not delete any more: the directory may be the new owner's by now.
void sweep_as_owner(Draft& draft, const base::JobId& id);
// Not all could be copied of a job that was TRANSFERRED.
void fetch_what_is_missing(Draft& draft, const base::JobId& id);

// It stays whose it is, and what the other of the two has of it goes.
void give_up_taking(Draft& draft, const base::JobId& id);

}  // namespace backhaul::engine
