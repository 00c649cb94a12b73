// SPDX-License-Identifier: Apache-2.0
// Names of part files: hidden, in the destination directory so that publishing is a rename, and
// derivable from the row alone so that nothing else needs to be remembered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace backhaul::core {

// "/dst/dir/.BIT<32 hex>-<index>-<epoch>.tmp" for a file whose local name is "/dst/dir/x".
std::string part_path(std::string_view local, const base::JobId& job, std::uint32_t index,
                      std::uint32_t epoch);
// ".BIT<32 hex>-<index>-": what all epochs of one file have in common.
std::string part_prefix(const base::JobId& job, std::uint32_t index);
// "/dst/dir" of "/dst/dir/x"; "/" of "/x".
std::string parent_directory(std::string_view path);

}  // namespace backhaul::core
