// SPDX-License-Identifier: Apache-2.0
// The ends of parts: published under their local names, or deleted. Blocking; for a worker. Every
// step can be repeated after a crash, so an interrupted request is simply made again. What several jobs
// want at the same time is done together: a sync of their directory is the dearest of it.
#pragma once

#include <sys/types.h>

#include <span>
#include <vector>

#include "base/log.h"
#include "ports/events.h"
#include "ports/files.h"

namespace backhaul::posix {

// An answer for each. `mode`: permissions of a published file. Why something is left over goes to the log.
std::vector<ports::Published> publish_parts(std::span<const ports::PublishRequest> requests, mode_t mode,
                                            base::Log& log);
ports::Discarded discard_parts(const ports::DiscardRequest& request, base::Log& log);

}  // namespace backhaul::posix
