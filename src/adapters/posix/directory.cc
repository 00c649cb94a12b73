// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <utility>

#include "adapters/posix/failure.h"

namespace backhaul::posix {
namespace {

constexpr std::size_t remembered_directories = 64;  // before those that are closed are forgotten

}  // namespace

Directory::Directory(std::string path, Descriptor fd, const struct stat& info,
                     std::uint64_t volume)
    : path_(std::move(path)),
      fd_(std::move(fd)),
      device_(info.st_dev),
      inode_(info.st_ino),
      volume_(volume) {}

bool Directory::is_at(const struct stat& info) const {
  return info.st_dev == device_ && info.st_ino == inode_;
}

base::Result<std::shared_ptr<Directory>> Directory::open(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat info;
  struct statvfs volume;
  if (!fd || fstat(fd.get(), &info) != 0 || fstatvfs(fd.get(), &volume) != 0)
    return directory_failure("open the directory", path);
  const std::uint64_t id = volume.f_fsid != 0 ? volume.f_fsid : info.st_dev;
  return std::shared_ptr<Directory>(new Directory(path, std::move(fd), info, id));
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

base::Result<std::shared_ptr<Directory>> Directories::get(const std::string& path) {
  {
    const std::scoped_lock lock(mutex_);
    const auto known = open_.find(path);
    if (auto directory = known == open_.end() ? nullptr : known->second.lock()) {
      // The name may lead elsewhere by now: another mount, another directory.
      struct stat info;
      if (stat(path.c_str(), &info) != 0) return directory_failure("open the directory", path);
      if (directory->is_at(info) && !directory->broken()) return directory;
    }
  }
  BH_TRY(std::shared_ptr<Directory> directory, Directory::open(path));
  const std::scoped_lock lock(mutex_);
  if (open_.size() >= remembered_directories)
    std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
  open_[path] = directory;
  return directory;
}

}  // namespace backhaul::posix
