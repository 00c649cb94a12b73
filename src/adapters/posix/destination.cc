// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/destination.h"

#include <fcntl.h>

#include "adapters/posix/failure.h"
#include "core/destination.h"

namespace backhaul::posix {
namespace {

core::FileKind kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return core::FileKind::regular;
    case S_IFDIR: return core::FileKind::directory;
    case S_IFCHR: return core::FileKind::character_device;
    case S_IFBLK: return core::FileKind::block_device;
    case S_IFIFO: return core::FileKind::fifo;
    case S_IFSOCK: return core::FileKind::socket;
    default: return core::FileKind::unknown;
  }
}

}  // namespace

base::Result<void> look_at_destination(int directory, const std::string& name,
                                       const std::string& local) {
  core::DestinationFacts facts;
  struct stat info;
  if (fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
    facts.kind = kind_of(info.st_mode);
    facts.is_link = S_ISLNK(info.st_mode);
  } else if (errno != ENOENT) {
    return failure("look at", local);
  }
  if (facts.is_link) {
    const bool leads_somewhere = fstatat(directory, name.c_str(), &info, 0) == 0;
    // A link in a circle leads to nothing either.
    if (!leads_somewhere && errno != ENOENT && errno != ELOOP)
      return failure("look at what is behind the link", local);
    facts.kind = leads_somewhere ? kind_of(info.st_mode) : core::FileKind::nothing;
  }
  return core::check_destination(local, facts);
}

}  // namespace backhaul::posix
