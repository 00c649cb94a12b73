// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/destination.h"

#include <sys/stat.h>

#include <cerrno>

#include "adapters/posix/directory.h"
#include "adapters/posix/failure.h"
#include "core/part_name.h"

namespace backhaul::posix {

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

namespace {

// `found`: under that name, without following a link.
base::Result<void> judge(Access& access, int directory, const std::string& name, const std::string& local,
                         const Tried<Found>& found) {
  core::DestinationFacts facts;
  if (found) {
    facts.kind = kind_of(found->mode);
    facts.is_link = S_ISLNK(found->mode);
  } else if (found.error() != ENOENT) {
    return failure("look at", local, found.error());
  }
  if (facts.is_link) {
    const Tried<Found> behind = access.look(directory, name, true);
    // A link in a circle leads to nothing either.
    if (!behind && behind.error() != ENOENT && behind.error() != ELOOP)
      return failure("look at what is behind the link", local, behind.error());
    facts.kind = behind ? kind_of(behind->mode) : core::FileKind::nothing;
  }
  return core::check_destination(local, facts);
}

base::Result<void> check_writable(Access& access, int directory, const std::string& name, const std::string& path) {
  if (const auto may = access.may_write(directory, name); !may) return failure("write to the directory", path, may.error());
  return {};
}

}  // namespace

base::Result<void> look_at_destination(Access& access, int directory, const std::string& name,
                                       const std::string& local) {
  return judge(access, directory, name, local, access.look(directory, name, false));
}

base::Result<void> check_target(const std::shared_ptr<Access>& access, const core::Placed& file, std::string& good) {
  const std::string path = core::parent_directory(file.local);
  if (!file.root.empty()) {
    BH_TRY(const auto directory, Directory::open(access, path, file.root));
    BH_CHECK(check_writable(*access, directory->fd(), ".", path));
    return look_at_destination(*access, directory->fd(), file.local.substr(path.size() + 1), file.local);
  }
  if (good != path) {
    const Tried<Found> found = access->look(Access::nowhere, path, true);
    if (!found) return directory_failure("open the directory", path, found.error());
    if (!S_ISDIR(found->mode)) return directory_failure("use as a directory", path, ENOTDIR);
    BH_CHECK(check_writable(*access, Access::nowhere, path, path));
    good = path;
  }
  return look_at_destination(*access, Access::nowhere, file.local, file.local);
}

std::optional<base::Result<void>> check_target_at_once(Mounts& mounts, Access& access, const core::Placed& file) {
  const std::string path = core::parent_directory(file.local);
  if (!file.root.empty() || !mounts.served_elsewhere(path).empty()) return std::nullopt;
  const Tried<Descriptor> directory = access.recall_directory(path);
  if (!directory) return std::nullopt;
  const std::string name = file.local.substr(file.local.rfind('/') + 1);
  const Tried<Found> found = access.look(directory->get(), name, false);
  if (found && S_ISLNK(found->mode)) return std::nullopt;  // wherever that leads to
  if (auto may = check_writable(access, directory->get(), ".", path); !may) return may;
  return judge(access, directory->get(), name, file.local, found);
}

base::Result<void> check_guarded(const std::shared_ptr<Access>& access, const core::Placed& file, uid_t owner) {
  std::string directory_before;
  BH_CHECK(check_target(access, file, directory_before));
  const std::string path = core::parent_directory(file.local);
  BH_TRY(const auto directory, Directory::open(access, path, file.root));
  struct stat info;
  if (fstat(directory->fd(), &info) != 0) return failure("look at the directory", path, errno);
  // An access list has its mask where the rights of the group are.
  const bool others_write = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (info.st_mode & S_ISVTX) == 0;
  if ((info.st_uid == owner || info.st_uid == 0) && !others_write) return {};
  return local_error(base::Code::E_ACCESSDENIED, "Others may change what lies in the directory " + path + ".");
}

}  // namespace backhaul::posix
