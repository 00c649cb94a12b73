// SPDX-License-Identifier: Apache-2.0
// Which address of a file is asked: the owner may give it another one, a failure of one leads to the
// next, and where none is left that could help the job waits for a new one.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "core/job.h"
#include "engine/draft.h"
#include "engine/holds.h"
#include "ports/queue.h"

namespace backhaul::engine {

// files.md §5. A transfer of the file that is under way stops, and goes on at the new address.
base::Result<void> set_remote_name(Draft& draft, const base::JobId& id, std::uint32_t file,
                                   const std::string& remote, const ports::Caller& caller);
// Of all files whose address begins so, as it was given or as it is shown, without its user; or of none. How
// many there were.
base::Result<std::uint32_t> replace_remote_prefix(Draft& draft, const base::JobId& id,
                                                  const std::string& from, const std::string& to,
                                                  const ports::Caller& caller);

// Where this file is asked for now. Where one of its addresses may be asked, that is the one in use from now on;
// where none may, the policy refuses them all or their servers want time.
Holds::Way take_way(Draft& draft, const base::JobId& id, std::uint32_t file);

// An address failed, and its server may have asked for time. Unset: the next one is to be asked, as soon as it may be.
// Otherwise the round is over, and this is what the job is told: that it may pass, if it may with one of them.
std::optional<core::ErrorInfo> after_failed_address(Draft& draft, const base::JobId& id,
                                                    const core::ErrorInfo& error, bool asks_for_time);
// The round of a file is over: it is here, or its owner says that it may be tried again.
void begin_round(core::File& file);

// Whether the owner of the job wants to be asked for another address after this failure.
bool asks_for_address(const Draft& draft, const base::JobId& id, const core::ErrorInfo& error);
// The job, which just failed, waits for it.
void wait_for_address(Draft& draft, const base::JobId& id, std::uint32_t file);

}  // namespace backhaul::engine
