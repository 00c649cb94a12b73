// SPDX-License-Identifier: Apache-2.0
// How many octets the jobs of one owner may take (core::Limits::octets_per_user): judged by every command that makes
// rows longer, before it does. What servers and the service itself add is counted, and refuses the next such command.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/result.h"

namespace backhaul::engine {

class Draft;

// E_OUTOFMEMORY: there is no room for so many more.
base::Result<void> check_octets(const Draft& draft, const base::JobId& id, std::uint64_t more);
// Likewise, and if there is they count for the rest of the turn.
base::Result<void> take_octets(Draft& draft, const base::JobId& id, std::uint64_t more);

}  // namespace backhaul::engine
