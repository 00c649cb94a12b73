// SPDX-License-Identifier: Apache-2.0
// Who serves the queue of this user, and on which bus. One user can have several buses (ssh first,
// the desktop later) but only one queue: the holder of queue.lock writes this file beside it, so
// that clients of another bus, or of none, find the service that runs.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace backhaul::bus {

struct Holder {
  std::string address;
  std::string bus_id;
  pid_t pid = 0;

  bool operator==(const Holder&) const = default;
};

// `state_dir`: Place::state_dir(). Written as a new file and renamed: readers see all or nothing.
base::Result<void> write_holder(const std::string& state_dir, const Holder& holder);
// FILE_NOT_FOUND when nobody wrote one; a file of somebody else is refused.
base::Result<Holder> read_holder(const std::string& state_dir);
// Removes it if it names this pid. Call while queue.lock is still held.
void remove_holder(const std::string& state_dir, pid_t pid);

}  // namespace backhaul::bus
