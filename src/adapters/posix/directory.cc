// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/directory.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "adapters/posix/failure.h"
#include "adapters/posix/system.h"
#include "core/part.h"

namespace backhaul::posix {
namespace {

constexpr std::size_t remembered_directories = 64;  // before those that are closed are forgotten

// The folder of an application may itself be a link that the user made; what is in it may not.
Descriptor open_root(const std::string& root) {
  return Descriptor(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

int open_beneath(int root, const std::string& path, const std::string& root_path) {
  if (path != root_path && !path.starts_with(root_path + '/')) {
    errno = EXDEV;
    return -1;
  }
  std::string rest = path.substr(root_path.size());
  rest.erase(0, rest.find_first_not_of('/'));
  if (rest.empty()) rest = ".";
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  long fd = -1;
  do {  // EAGAIN: something was renamed meanwhile, and the kernel could not be sure
    fd = syscall(SYS_openat2, root, rest.c_str(), &how, sizeof how);
  } while (fd < 0 && (errno == EAGAIN || errno == EINTR));
  return static_cast<int>(fd);
}

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

Directory::Directory(std::string path, Descriptor fd, const struct stat& info,
                     std::uint64_t volume, std::uint64_t mount, bool keeps_times)
    : path_(std::move(path)),
      fd_(std::move(fd)),
      device_(info.st_dev),
      inode_(info.st_ino),
      volume_(volume),
      mount_(mount),
      keeps_times_(keeps_times) {}

bool Directory::is_at(const struct stat& info) const {
  return info.st_dev == device_ && info.st_ino == inode_;
}

base::Result<std::shared_ptr<Directory>> Directory::open(const std::string& path,
                                                         const std::string& root) {
  const Descriptor beneath = root.empty() ? Descriptor() : open_root(root);
  if (!root.empty() && !beneath) return directory_failure("open the directory", root);
  Descriptor fd(root.empty() ? ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                             : open_beneath(beneath.get(), path, root));
  if (!fd && !root.empty() && leads_out(errno))
    return local_error(base::Code::E_ACCESSDENIED,
                       path + " leads out of " + root + ", where the files of the job must stay.");
  struct stat info;
  struct statvfs volume;
  if (!fd || fstat(fd.get(), &info) != 0 || fstatvfs(fd.get(), &volume) != 0)
    return directory_failure("open the directory", path);
  const std::uint64_t id = volume.f_fsid != 0 ? volume.f_fsid : info.st_dev;
  const unsigned long type = type_of(fd.get());
  const std::uint64_t mount = mount_of(fd.get(), type);
  return std::shared_ptr<Directory>(new Directory(path, std::move(fd), info, id, mount, keeps_times_of(type)));
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
    const int error = fsync(fd_.get()) == 0 ? 0 : errno;
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

std::shared_ptr<Directory> Directories::remembered(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  const auto found = open_.find(path);
  return found == open_.end() ? nullptr : found->second.lock();
}

void Directories::remember(const std::string& path, const std::shared_ptr<Directory>& directory) {
  const std::scoped_lock lock(mutex_);
  if (open_.size() >= remembered_directories)
    std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
  open_[path] = directory;
}

base::Result<std::shared_ptr<Directory>> Directories::get(const std::string& path,
                                                          const std::string& root) {
  struct stat info;
  // The name may lead elsewhere by now: another mount, another directory.
  const auto is_still = [&info](const Directory& directory) {
    return directory.is_at(info) && !directory.broken();
  };
  if (root.empty()) {
    if (auto shared = remembered(path)) {
      if (stat(path.c_str(), &info) != 0) return directory_failure("open the directory", path);
      if (is_still(*shared)) return shared;
    }
  }
  // Where a root is, only walking down from it anew tells what the name means now.
  BH_TRY(std::shared_ptr<Directory> directory, Directory::open(path, root));
  if (!root.empty() && fstat(directory->fd(), &info) == 0)
    if (auto shared = remembered(path); shared && is_still(*shared)) return shared;
  remember(path, directory);
  return directory;
}

}  // namespace backhaul::posix
