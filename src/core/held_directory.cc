// SPDX-License-Identifier: Apache-2.0
#include "core/held_directory.h"

#include <charconv>
#include <system_error>

namespace backhaul::core {

using base::Code;

std::string HeldDirectory::text() const { return "@" + std::to_string(device) + ":" + std::to_string(inode); }

std::optional<HeldDirectory> HeldDirectory::parse(std::string_view root) {
  if (!root.starts_with('@')) return std::nullopt;
  HeldDirectory held;
  const char* const end = root.data() + root.size();
  const auto device = std::from_chars(root.data() + 1, end, held.device);
  if (device.ec != std::errc() || device.ptr == end || *device.ptr != ':') return std::nullopt;
  const auto inode = std::from_chars(device.ptr + 1, end, held.inode);
  if (inode.ec != std::errc() || inode.ptr != end || held.text() != root) return std::nullopt;
  return held;
}

base::Result<void> may_hand_over(const Owner& job, const Owner& caller, bool machine_wide) {
  if (caller.uid != job.uid)
    return base::Error(Code::E_ACCESSDENIED, "a directory is handed over by the owner of the job alone");
  if (machine_wide && caller.uid == 0)
    return base::Error(Code::E_ACCESSDENIED,
                       "files of root lie beneath the folders of AllowedRoots, and are named by their paths");
  return {};
}

base::Result<void> check_name_in_directory(std::string_view name) {
  if (!name.empty() && name != "." && name != ".." && name.find('/') == name.npos) return {};
  return base::Error(Code::E_INVALIDARG, "'" + std::string(name) + "' is no name of a file in a directory");
}

}  // namespace backhaul::core
