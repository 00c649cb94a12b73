// SPDX-License-Identifier: Apache-2.0
// What neighbours send of a file, and who of them sent what: one by itself, or several at once where digests of its
// pieces say who lied (core/shares.h). All of them fill the one part of its lane, each with shares that nobody else is
// asked for. Whoever fails or lies ends that: the part is closed, so that what came is known, and the next lane goes on
// with those that are left.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "core/job.h"
#include "engine/draft.h"
#include "engine/runs.h"
#include "ports/events.h"

namespace backhaul::engine {

// The first offers are asked for a share each. False: one neighbour sends all of it.
bool begin_shares(Draft& draft, const base::JobId& id, const Run& run, Lane& lane);
// A transfer of this lane ended, and what it denies is not held from now on, whoever sent it. False: the rest of it is no
// matter of neighbours.
bool sender_ended(Draft& draft, const base::JobId& id, Run& run, Lane& lane, const ports::TransferEnded& event);
// Nothing fills its part any more when it is closed.
void stop_transfers(Draft& draft, const Lane& lane);
// The first of these that sends it; null: none does.
const std::string* sent_by(const Lane& lane, const std::vector<std::string>& keys);

// These bytes are stored now, by the transfers of this lane.
void note_senders(core::File& file, const Lane& lane, const core::Extents& bytes);
// So much of what its origin sends is stored now; how fast that was is remembered when it is all of it.
void measure_origin(Draft& draft, const base::JobId& id, Lane& lane, std::uint64_t octets, bool final);
// What came whole and wrong is not held, wherever it is stored; what was asked for of it ahead of the rest is so again.
void drop_denied(core::File& file, const Lane& lane);

}  // namespace backhaul::engine
