// SPDX-License-Identifier: Apache-2.0
// Small files in folders that others read and write too: ours say so in their first line, and others
// are never touched. Written under a temporary name and renamed, so a reader sees the old or the new.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace backhaul::dbus {

inline constexpr std::string_view managed_marker = "# managed by backhaul\n";

inline bool is_managed(std::string_view text) { return text.starts_with(managed_marker); }

// Makes the folder if needed. ALREADY_EXISTS: there is such a file of somebody else.
base::Result<void> write_managed(const std::string& folder, const std::string& name,
                                 const std::string& text);
// BG_E_NOT_FOUND: there is none, or it is somebody else's.
base::Result<void> remove_managed(const std::string& folder, const std::string& name);

struct ManagedFile {
  std::string name;
  std::string text;
};
// Those whose name ends so, in order.
std::vector<ManagedFile> read_managed(const std::string& folder, std::string_view suffix);

}  // namespace backhaul::dbus
