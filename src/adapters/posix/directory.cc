// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/directory.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "adapters/posix/failure.h"
#include "adapters/posix/held_directories.h"
#include "adapters/posix/system.h"
#include "core/part.h"

namespace backhaul::posix {
namespace {

constexpr std::size_t remembered_directories = 64;  // before those that are closed are forgotten

// A kernel without openat2 cannot keep the promise.
bool leads_out(int error) { return error == EXDEV || error == ELOOP || error == ENOSYS; }

constexpr unsigned long unknown_type = 0;

unsigned long type_of(int fd) {
  struct statfs info;
  return fstatfs(fd, &info) == 0 ? static_cast<unsigned long>(info.f_type) : unknown_type;
}

// File systems without numbers of their own for files: they hand them out as files come into use.
bool numbers_files_anew(unsigned long type) {
  constexpr unsigned long exfat = 0x2011BAB0;
  constexpr unsigned long fuse = 0x65735546;
  return type == unknown_type || type == MSDOS_SUPER_MAGIC || type == exfat || type == fuse;
}

// Those of this machine with time stamps of their own. Servers may set the time of a write later, when the
// file is closed, and vfat rounds it when the file was not in use for a while.
bool keeps_times_of(unsigned long type) {
  constexpr unsigned long zfs = 0x2FC12FC1;
  switch (type) {
    case EXT4_SUPER_MAGIC:  // ext2 and ext3 as well
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
    case OVERLAYFS_SUPER_MAGIC:
    case TMPFS_MAGIC:
    case RAMFS_MAGIC:
    case zfs: return true;
    default: return false;
  }
}

// Linux 6.8 numbers mounts for good; before it, the number of a mount that is gone is used again.
// That does no harm where files keep their numbers.
constexpr unsigned unique_mount_id = 0x4000;  // STATX_MNT_ID_UNIQUE

std::uint64_t mount_of(int fd, unsigned long type) {
  struct statx info;
  const auto ask = [&](unsigned what) {
    return syscall(SYS_statx, fd, "", AT_EMPTY_PATH, what, &info) == 0 && (info.stx_mask & what) != 0;
  };
  static const std::string boot = boot_id();
  if (boot.empty() || numbers_files_anew(type)) return 0;
  if (!ask(unique_mount_id) && !ask(STATX_MNT_ID)) return 0;
  core::TailDigest digest;
  digest.add(std::as_bytes(std::span(boot)));
  digest.add(std::as_bytes(std::span(&info.stx_mnt_id, 1)));
  return digest.value();
}

}  // namespace

base::WallTime modified_of(const struct stat& info) {
  return base::from_epoch_us(static_cast<std::uint64_t>(info.st_mtim.tv_sec * std::int64_t{1'000'000} +
                                                        info.st_mtim.tv_nsec / 1'000));
}

Directory::Directory(std::shared_ptr<Access> access, std::string path, Descriptor fd, const struct stat& info,
                     std::uint64_t volume, std::uint64_t mount, bool keeps_times)
    : access_(std::move(access)),
      path_(std::move(path)),
      fd_(std::move(fd)),
      device_(info.st_dev),
      inode_(info.st_ino),
      volume_(volume),
      mount_(mount),
      keeps_times_(keeps_times) {}

base::Result<std::shared_ptr<Directory>> Directory::open(std::shared_ptr<Access> access, const std::string& path,
                                                         const std::string& root) {
  const auto held = core::HeldDirectory::parse(root);
  Tried<Descriptor> opened = held ? open_held(*access, *held, path) : access->open_directory(path, root);
  if (!opened && !root.empty() && !held && leads_out(opened.error()))
    return local_error(base::Code::E_ACCESSDENIED,
                       path + " leads out of " + root + ", where the files of the job must stay.");
  if (!opened) return directory_failure("open the directory", path, opened.error());
  Descriptor fd = *std::move(opened);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return directory_failure("open the directory", path);
  const Tried<Room> room = access->room(fd.get());
  if (!room) return directory_failure("open the directory", path, room.error());
  const std::uint64_t id = room->volume != 0 ? room->volume : info.st_dev;
  const unsigned long type = type_of(fd.get());
  const std::uint64_t mount = mount_of(fd.get(), type);
  return std::shared_ptr<Directory>(new Directory(std::move(access), path, std::move(fd), info, id, mount,
                                                  keeps_times_of(type)));
}

base::Result<void> Directory::sync() {
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = begun_ + 1;  // one that begins after this call
  while (done_ < mine) {
    if (begun_ > done_) {
      ended_.wait(lock);
      continue;
    }
    ++begun_;
    lock.unlock();
    const Tried<void> synced = access_->sync(fd_.get());
    const int error = synced ? 0 : synced.error();
    lock.lock();
    // Some file systems cannot sync a directory and make its entries durable at once.
    if (error != 0 && error != EINVAL && error_ == 0) error_ = error;
    done_ = begun_;
    ended_.notify_all();
  }
  if (error_ != 0) return failure("sync the directory", path_, error_);
  return {};
}

bool Directory::broken() const {
  const std::scoped_lock lock(mutex_);
  return error_ != 0;
}

std::shared_ptr<Directory> Directories::remembered(const Key& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = open_.find(key);
  return found == open_.end() ? nullptr : found->second.lock();
}

void Directories::remember(Key key, const std::shared_ptr<Directory>& directory) {
  const std::scoped_lock lock(mutex_);
  if (open_.size() >= remembered_directories)
    std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
  open_[std::move(key)] = directory;
}

base::Result<std::shared_ptr<Directory>> Directories::get(const std::shared_ptr<Access>& access,
                                                          const std::string& path, const std::string& root) {
  const Key key{access.get(), path};
  // The name may lead elsewhere by now: another mount, another directory.
  if (root.empty()) {
    if (auto shared = remembered(key)) {
      const Tried<Found> now = access->look(Access::nowhere, path, true);
      if (!now) return directory_failure("open the directory", path, now.error());
      if (shared->is_at(now->device, now->inode) && !shared->broken()) return shared;
    }
  }
  // Where a root is, only walking down from it anew tells what the name means now.
  BH_TRY(std::shared_ptr<Directory> directory, Directory::open(access, path, root));
  if (struct stat info; !root.empty() && fstat(directory->fd(), &info) == 0)
    if (auto shared = remembered(key); shared && shared->is_at(info.st_dev, info.st_ino) && !shared->broken())
      return shared;
  remember(key, directory);
  return directory;
}

}  // namespace backhaul::posix
