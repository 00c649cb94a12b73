// SPDX-License-Identifier: Apache-2.0
// A folder that the service needs before it gives up the rights to make it.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "os/descriptor.h"

namespace backhaul::daemon {

struct FolderRights {
  mode_t mode = 0;
  uid_t owner = 0;
  gid_t group = 0;
};

// It is there afterwards with these rights, whatever the umask is and whoever of this account made it before. One of
// the service's own account stays as it is; in that of anybody else nothing is put.
inline bool have_folder(const std::string& path, const FolderRights& rights, uid_t service) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return false;
  const os::Descriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat info;
  if (!folder || fstat(folder.get(), &info) != 0) return false;
  if (info.st_uid != geteuid()) return info.st_uid == service;
  return fchmod(folder.get(), rights.mode) == 0 && fchown(folder.get(), rights.owner, rights.group) == 0;
}

}  // namespace backhaul::daemon
