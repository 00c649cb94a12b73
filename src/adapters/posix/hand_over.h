// SPDX-License-Identifier: Apache-2.0
// Parts that become another owner's (ports::Files::hand_over): the former owner's helper opens each of them for
// reading, the new owner's makes a file beside it, and the service, which belongs to neither, copies the bytes.
// Blocking; for a worker.
#pragma once

#include <atomic>
#include <memory>

#include "adapters/posix/access.h"
#include "adapters/posix/directory.h"
#include "base/result.h"
#include "ports/events.h"
#include "ports/files.h"

namespace backhaul::posix {

ports::HandedOver hand_over_parts(const ports::HandOverRequest& request, Directories& directories,
                                  const std::shared_ptr<Access>& from, const std::shared_ptr<Access>& to,
                                  const std::atomic<bool>& stopped);
// Of all of them, for the same reason.
ports::HandedOver not_handed_over(const ports::HandOverRequest& request, const base::Error& why);

}  // namespace backhaul::posix
