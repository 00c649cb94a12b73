// SPDX-License-Identifier: Apache-2.0
// The ends of parts: published under their local names, or deleted. Blocking; for a worker. Every
// step can be repeated after a crash, so an interrupted request is simply made again. What several jobs
// want at the same time is done together: a sync of their directory is the dearest of it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "adapters/posix/access.h"
#include "base/log.h"
#include "ports/events.h"
#include "ports/files.h"

namespace backhaul::posix {

// An answer for each. `access`: that of the owner of all. Why something is left over goes to the log.
std::vector<ports::Published> publish_parts(std::span<const ports::PublishRequest> requests,
                                            const std::shared_ptr<Access>& access, base::Log& log);
ports::Discarded discard_parts(const ports::DiscardRequest& request, const std::shared_ptr<Access>& access,
                               base::Log& log);

}  // namespace backhaul::posix
