// SPDX-License-Identifier: Apache-2.0
// Digests: between its last byte and the moment it counts as transferred a file may have to be read again.
// Nothing of that is in the row: a file whose bytes are all stored and that still waits is verified again
// after a crash.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "core/job.h"
#include "engine/draft.h"
#include "engine/runs.h"
#include "ports/events.h"

namespace backhaul::engine {

// True: its digests were asked for. False: nothing is expected of it.
bool begin_verifying(Draft& draft, const base::JobId& id, Lane& lane);
// Why the file is not what it should be: a failure of the address that it came from. Its bytes are given
// up, or those of the pieces that are wrong. Unset: it is.
std::optional<core::ErrorInfo> verify(Draft& draft, const base::JobId& id, const Lane& lane,
                                      const ports::PartDigested& event);
// The pieces that were wrong are asked of the same address once more, because there is no other one; as long
// as they become fewer.
bool is_repaired(Draft& draft, const base::JobId& id, std::uint32_t file);

}  // namespace backhaul::engine
