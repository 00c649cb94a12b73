// SPDX-License-Identifier: Apache-2.0
// Jobs that the service does not know any more: it remembers ended ones for a while only, and not over its own end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "client/data.h"
#include "client/record.h"

namespace backhaul::client {

// Hands over the events behind `since`, in their order, until `take` answers false.
base::Result<void> walk_events(detail::Connection& connection, std::uint64_t since,
                               const std::function<bool(LoggedEvent event)>& take);

struct Past {
  // How the job ended, as the service's log of events tells. Unset: it does not tell.
  std::optional<JobState> end;
  // What was read last of it, with that end. Null: nothing was ever read of it, the log does not tell, or it was
  // completed without some of its files, and nobody knows any more which ones.
  std::shared_ptr<const detail::JobInfoData> info;
};
// Goes through the log.
Past past_of(const detail::JobRecord& record);

}  // namespace backhaul::client
