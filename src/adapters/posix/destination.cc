// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/destination.h"

#include <fcntl.h>
#include <unistd.h>

#include "adapters/posix/directory.h"
#include "adapters/posix/failure.h"
#include "core/destination.h"
#include "core/part_name.h"

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

base::Result<void> check_target(const core::Placed& file) {
  const std::string path = core::parent_directory(file.local);
  if (!file.root.empty()) {
    BH_TRY(const auto directory, Directory::open(path, file.root));
    if (faccessat(directory->fd(), ".", W_OK | X_OK, AT_EACCESS) != 0)
      return failure("write to the directory", path);
    return look_at_destination(directory->fd(), file.local.substr(path.size() + 1), file.local);
  }
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return directory_failure("open the directory", path);
  if (!S_ISDIR(info.st_mode)) return directory_failure("use as a directory", path, ENOTDIR);
  if (faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    return failure("write to the directory", path);
  return look_at_destination(AT_FDCWD, file.local, file.local);
}

}  // namespace backhaul::posix
