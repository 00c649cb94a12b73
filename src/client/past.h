// SPDX-License-Identifier: Apache-2.0
// Jobs that the service does not know any more: it remembers ended ones for a while only, and not over its own end.
#pragma once

#include <memory>
#include <optional>

#include "client/data.h"
#include "client/record.h"

namespace backhaul::client {

// How a job ended, as the service's log of events tells. Unset: it does not tell.
std::optional<JobState> end_of(const detail::JobRecord& record);

// What was read last of a job, with that end. Null: nothing was ever read of it, the log does not tell, or it was
// completed without some of its files, and nobody knows any more which ones.
std::shared_ptr<const detail::JobInfoData> past_of(const detail::JobRecord& record);

}  // namespace backhaul::client
