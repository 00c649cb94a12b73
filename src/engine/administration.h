// SPDX-License-Identifier: Apache-2.0
// What administrators ask for of the cache of finished files and of neighbours (peer-caching.md §2).
#pragma once

#include "base/result.h"
#include "engine/draft.h"
#include "ports/queue.h"

namespace backhaul::engine {

// A refusal changes nothing.
base::Result<ports::ReplyValue> administer(Draft& draft, const ports::command::Administer& command,
                                           const ports::Caller& caller);

}  // namespace backhaul::engine
