// SPDX-License-Identifier: Apache-2.0
// ports::OwnersFiles by whoever has the rights of the owner (Owners), on threads of its own.
#pragma once

#include <string>
#include <vector>

#include "adapters/posix/access.h"
#include "adapters/posix/mount_threads.h"
#include "loop/loop.h"
#include "ports/owners_files.h"

namespace backhaul::posix {

class PosixOwnersFiles final : public ports::OwnersFiles {
 public:
  PosixOwnersFiles(loop::Loop& loop, Owners& owners);

  base::Result<void> with_rights_of(const core::Owner& owner, const std::vector<std::string>& paths, Work work) override;

 private:
  Owners& owners_;
  MountThreads threads_;  // last: its threads end before what they work on
};

}  // namespace backhaul::posix
