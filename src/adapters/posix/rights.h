// SPDX-License-Identifier: Apache-2.0
// Owner, group, permissions and access list of a file of this machine, read from it and given to its copy
// (jobs.md §15).
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "ports/files.h"

namespace backhaul::posix {

// `flags`: bits of core::acl. May block.
base::Result<ports::CopiedRights> rights_of(int fd, std::uint32_t flags, const std::string& path);
// E_ACCESSDENIED: this account may not give files away so. A part that took permissions over has the mark
// as well.
base::Result<void> take_over(int fd, const ports::CopiedRights& rights, const std::string& path);

// The sticky bit, which means nothing on a file: the permissions of a part are those that it is to keep.
// It lies with the part, so that neither a crash nor a later change of the flags can part them.
inline constexpr unsigned mode_kept = 01000;

}  // namespace backhaul::posix
