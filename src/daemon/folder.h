// SPDX-License-Identifier: Apache-2.0
// A folder that the service needs before it gives up the rights to make it.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <string>

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
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  struct stat info;
  bool good = fstat(folder, &info) == 0;
  if (good && info.st_uid == geteuid())
    good = fchmod(folder, rights.mode) == 0 && fchown(folder, rights.owner, rights.group) == 0;
  else
    good = good && info.st_uid == service;
  close(folder);
  return good;
}

}  // namespace backhaul::daemon
