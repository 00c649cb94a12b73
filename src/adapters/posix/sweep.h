// SPDX-License-Identifier: Apache-2.0
// Deleting parts that no row knows any more: other epochs of a file, left by a crash or by a remote
// file that changed. Blocking; for a worker.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "adapters/posix/access.h"
#include "base/ids.h"

namespace backhaul::posix {

struct Sweep {
  base::JobId job;
  std::uint32_t index = 0;
  std::string directory;
  std::string root{};  // as in ports::PartRef
  std::uint32_t keep = 0;  // this epoch stays
  std::optional<std::uint32_t> beside{};  // and this one
  // The file is being received: an epoch behind this one may be its part of this very moment. Epochs
  // only rise, so no other is.
  std::optional<std::uint32_t> newest{};
};

// Looks through each directory once. What cannot be deleted stays for the next time.
void sweep_parts(std::span<const Sweep> sweeps, const std::shared_ptr<Access>& access);

}  // namespace backhaul::posix
