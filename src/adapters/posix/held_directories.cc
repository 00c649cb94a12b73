// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/held_directories.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "adapters/posix/failure.h"

namespace backhaul::posix {

void HeldDirectories::hold(const core::HeldDirectory& which, Descriptor directory) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(held_, [&](const Held& one) { return one.first == which; });
  if (held_.size() == held_directories_max) held_.pop_front();
  held_.emplace_back(which, std::make_shared<const Descriptor>(std::move(directory)));
}

std::shared_ptr<const Descriptor> HeldDirectories::find(const core::HeldDirectory& which) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find(held_, which, &Held::first);
  if (found == held_.end()) return nullptr;
  std::rotate(found, found + 1, held_.end());
  return held_.back().second;
}

base::Result<core::Placed> hold_directory(HeldDirectories& held, int directory) {
  // What the kernel remembers of it: whoever serves a file system is not asked, and holds nobody up.
  struct statx info;
  if (statx(directory, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &info) != 0)
    return failure("look at", "the directory that was handed over");
  if (!S_ISDIR(info.stx_mode) || info.stx_nlink == 0)
    return local_error(base::Code::E_INVALIDARG, "What was handed over is no directory.");
  std::array<char, PATH_MAX> path;
  const ssize_t size = readlink(("/proc/self/fd/" + std::to_string(directory)).c_str(), path.data(), path.size());
  if (size <= 0) return failure("tell the path of", "the directory that was handed over");
  Descriptor copy(fcntl(directory, F_DUPFD_CLOEXEC, 3));
  if (!copy) return failure("keep", "the directory that was handed over");
  const core::HeldDirectory which{makedev(info.stx_dev_major, info.stx_dev_minor), info.stx_ino};
  held.hold(which, std::move(copy));
  return core::Placed{std::string(path.data(), static_cast<std::size_t>(size)), which.text()};
}

Tried<Descriptor> open_held(Access& access, const core::HeldDirectory& which, const std::string& path) {
  HeldDirectories* const all = access.held();
  if (all != nullptr)
    if (const auto known = all->find(which)) return access.open(known->get(), ".", Purpose::list);
  auto opened = access.open_directory(path, {});
  if (!opened && (opened.error() == ENOENT || opened.error() == ENOTDIR)) return untried(moved_away);
  if (!opened) return opened;
  struct stat info;
  if (fstat(opened->get(), &info) != 0) return untried(errno);
  if (info.st_dev != which.device || info.st_ino != which.inode) return untried(moved_away);
  Descriptor copy(fcntl(opened->get(), F_DUPFD_CLOEXEC, 3));
  if (all != nullptr && copy) all->hold(which, std::move(copy));
  return opened;
}

}  // namespace backhaul::posix
