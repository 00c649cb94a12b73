// SPDX-License-Identifier: Apache-2.0
// What happens to the row of a file: what is known of the remote file and of the part that holds it.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "core/conversation.h"
#include "core/demand.h"
#include "core/extents.h"
#include "engine/draft.h"
#include "ports/events.h"
#include "ports/transport.h"

namespace backhaul::engine {

// The row of a file whose new part begins: in the place of the one before, or beside it. `again`: of an answer of the
// same run.
void begin_part(core::File& file, const ports::HeadReceived& event, bool again);
// The identity of what is held is from now on what the address in use told.
void told_here(core::File& file);
// Of the part beside it the epoch alone stays on record, so that the end of the job can name it.
void give_up_fresh(core::File& file);
// Nobody comes back to parts that the row does not name any more.
void drop_other_parts(Draft& draft, const base::JobId& id, std::uint32_t file);
// Likewise by somebody else than the owner of the job.
void drop_other_parts(Draft& draft, const base::JobId& id, std::uint32_t file, const core::Owner& owner);

// Empty: nothing is asked for ahead of the rest.
core::Demand demand_of(const core::File& file);
// What was asked for of it is given up, and its program does not ask again.
void ask_again(core::File& file, const core::Extents& given_up);
// What is here of this file is of no use: it is fetched again, into a new part.
void fetch_anew(Draft& draft, const base::JobId& id, std::uint32_t file);
// Likewise these bytes alone, into the part that is here.
void fetch_again(Draft& draft, const base::JobId& id, std::uint32_t file, const core::Extents& bytes);
// What is held of files that are not whole is given up: each begins with whatever its server has now.
void begin_anew(Draft& draft, const base::JobId& id);
// Likewise of this file alone.
void begin_anew(Draft& draft, const base::JobId& id, std::uint32_t file);
// Whoever starts a job in ERROR says that its cause is gone: also the server that made a file begin
// again and again, refused ranges or denied what it had told gets another chance, otherwise no Resume
// could ever help.
void forgive_restarts(Draft& draft, const base::JobId& id);

// Counted in the row: three contradictions, or an hour of answers that prove nothing, end the job.
// What the server told with its last answer, and where the file is from now on; empty: nothing new.
void note_answer(Draft& draft, const base::JobId& id, std::uint32_t file, std::string_view headers,
                 const std::string& remote);
// Likewise, with the duplicates that it names; where it names none those that are known are good still.
void note_answer(Draft& draft, const base::JobId& id, std::uint32_t file, const ports::HeadReceived& head);
void settle_doubts(core::File& file, bool undecided);
// The run of a file failed, by its server or on the way.
void note_failure(Draft& draft, const base::JobId& id, std::uint32_t file, core::Doubt doubt);
// What every transfer of this file is asked for with, whoever `source` is: nothing that is for its origin alone.
ports::TransferRequest request_of(const Draft& draft, const base::JobId& id, const core::File& file,
                                  base::TransferId transfer, core::Source source);

}  // namespace backhaul::engine
