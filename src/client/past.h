// SPDX-License-Identifier: Apache-2.0
// Jobs that the service does not know any more: it remembers ended ones for a while only, and not over its own end.
#pragma once

#include <memory>

#include "client/data.h"
#include "client/record.h"

namespace backhaul::client {

// What was read last of a job, with the end that the service's log of events tells. Null: nothing was ever read of it,
// the log does not tell, or it was completed without some of its files, and nobody knows any more which ones.
std::shared_ptr<const detail::JobInfoData> past_of(const detail::JobRecord& record);

}  // namespace backhaul::client
