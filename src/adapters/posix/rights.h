// SPDX-License-Identifier: Apache-2.0
// Owner, group, permissions and access list of a file of this machine, read from it and given to its copy
// (jobs.md §15).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/posix/access.h"
#include "base/result.h"
#include "ports/files.h"

namespace backhaul::posix {

// `flags`: bits of core::acl. May block.
base::Result<ports::CopiedRights> rights_of(int fd, std::uint32_t flags, const std::string& path);
// E_ACCESSDENIED: this account may not give files away so. A part that took permissions over has the mark
// as well.
base::Result<void> take_over(Access& access, int fd, const ports::CopiedRights& rights, const std::string& path);

// The sticky bit, which means nothing on a file: the permissions of a part are those that it is to keep.
// It lies with the part, so that neither a crash nor a later change of the flags can part them.
inline constexpr unsigned mode_kept = 01000;

inline constexpr const char* access_list_name = "system.posix_acl_access";
// Of a directory: the list that what is made in it begins with, and in place of the umask.
inline constexpr const char* first_access_list_name = "system.posix_acl_default";
// As the kernel makes it of such a list for a file that may be read and written. Unset: it is none.
std::optional<std::string> access_list_of_file(std::string_view first);

}  // namespace backhaul::posix
