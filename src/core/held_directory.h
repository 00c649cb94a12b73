// SPDX-License-Identifier: Apache-2.0
// A directory that the owner of a job handed over as a descriptor. It stands where otherwise the folder stands that
// files must lie beneath (Placed::root), and says that only this directory is meant, whatever its path leads to. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/owner.h"

namespace backhaul::core {

struct HeldDirectory {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  // "@DEVICE:INODE"; no path begins so.
  std::string text() const;
  static std::optional<HeldDirectory> parse(std::string_view root);
  auto operator<=>(const HeldDirectory&) const = default;
};

// Whoever hands a directory over does it for jobs of their own. Files of root on the service of the machine lie beneath
// folders that are named by their paths (AllowedRoots).
base::Result<void> may_hand_over(const Owner& job, const Owner& caller, bool machine_wide);
// Names of files in it, not paths.
base::Result<void> check_name_in_directory(std::string_view name);

}  // namespace backhaul::core
