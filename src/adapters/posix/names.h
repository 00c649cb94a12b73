// SPDX-License-Identifier: Apache-2.0
// The names in a directory that is open.
#pragma once

#include <dirent.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "adapters/posix/access.h"

namespace backhaul::posix {

// In no order, "." and ".." among them, until `visit` says that it is enough.
template <class Visit>
Tried<void> each_name(Descriptor directory, Visit visit) {
  struct Closer {
    void operator()(DIR* open) const { closedir(open); }
  };
  const std::unique_ptr<DIR, Closer> entries(fdopendir(directory.get()));
  if (!entries) return untried(errno);
  directory.release();
  while (true) {
    errno = 0;
    const dirent* const entry = readdir(entries.get());
    if (entry == nullptr && errno != 0) return untried(errno);
    if (entry == nullptr || !visit(entry->d_name)) return {};
  }
}

}  // namespace backhaul::posix
