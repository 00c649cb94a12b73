// SPDX-License-Identifier: Apache-2.0
// Names of part files: hidden, in the destination directory so that publishing is a rename, and
// derivable from the row alone so that nothing else needs to be remembered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace backhaul::core {

// Longest name that part_path can put into a directory: two numbers of ten digits.
inline constexpr std::size_t part_name_max = 4 + 32 + 1 + 10 + 1 + 10 + 4;

// "/dst/dir/.BIT<32 hex>-<index>-<epoch>.tmp" for a file whose local name is "/dst/dir/x".
std::string part_path(std::string_view local, const base::JobId& job, std::uint32_t index,
                      std::uint32_t epoch);
// ".BIT<32 hex>-<index>-": what all epochs of one file have in common.
std::string part_prefix(const base::JobId& job, std::uint32_t index);
// ".BIT<32 hex>-*.tmp": those of all files of a job, for people.
std::string part_pattern(const base::JobId& job);
// Whether a name in a directory is one of those.
bool is_part_name(std::string_view name);
// "/dst/dir" of "/dst/dir/x"; "/" of "/x". Local names are absolute (core/names.h).
std::string parent_directory(std::string_view path);
// "x" of "/dst/dir/x".
std::string name_in_directory(std::string_view path);

}  // namespace backhaul::core
