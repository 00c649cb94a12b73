// SPDX-License-Identifier: Apache-2.0
// Directories, open while anybody works in them. Callers of sync() share one fsync: whoever comes
// while one runs waits for the next, so many new files in a directory cost a few syncs. Any thread.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "adapters/posix/access.h"
#include "adapters/posix/descriptor.h"
#include "base/result.h"
#include "base/time.h"

namespace backhaul::posix {

base::WallTime modified_of(const struct stat& info);

class Directory {
 public:
  // `root`: the directory must lie beneath it, however the way there is built, else E_ACCESSDENIED; or the one that
  // was handed over (core/held_directory.h). Empty: anywhere.
  static base::Result<std::shared_ptr<Directory>> open(std::shared_ptr<Access> access, const std::string& path,
                                                       const std::string& root = {});

  int fd() const { return fd_.get(); }
  Access& access() const { return *access_; }
  // What its owner may do in it; names are of this directory.
  Tried<Descriptor> open_file(const std::string& name, Purpose purpose) const {
    return access_->open(fd_.get(), name, purpose);
  }
  Tried<void> rename(const std::string& from, const std::string& to, int held) const {
    return access_->rename(fd_.get(), from, to, held);
  }
  Tried<void> unlink(const std::string& name) const { return access_->unlink(fd_.get(), name); }
  const std::string& path() const { return path_; }
  // The file system it is on, as one number that survives a reboot (device numbers of btrfs, NFS
  // and others are given out anew at every mount). Never 0.
  std::uint64_t volume() const { return volume_; }
  // This mount of it, as one number that no other mount has had since the machine started. 0 where
  // the kernel does not tell, or where files are numbered anew while they are not in use.
  std::uint64_t mount() const { return mount_; }
  // Does the time of the last write to a file stay as it is told once the data was synced?
  bool keeps_times() const { return keeps_times_; }
  bool is_at(dev_t device, ino_t inode) const { return device == device_ && inode == inode_; }

  // Everything done in it before the call is durable. A failure is for good: the kernel tells of a
  // lost write only once, so no later success could be trusted.
  base::Result<void> sync();
  bool broken() const;

 private:
  Directory(std::shared_ptr<Access> access, std::string path, Descriptor fd, const struct stat& info,
            std::uint64_t volume, std::uint64_t mount, bool keeps_times);

  const std::shared_ptr<Access> access_;
  const std::string path_;
  const Descriptor fd_;
  const dev_t device_;
  const ino_t inode_;
  const std::uint64_t volume_;
  const std::uint64_t mount_;
  const bool keeps_times_;

  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::uint64_t begun_ = 0;  // syncs begun and ended so far
  std::uint64_t done_ = 0;
  int error_ = 0;
};

class Directories {
 public:
  // The directory that `path` names now; shared with those of the same owner who have it open already.
  base::Result<std::shared_ptr<Directory>> get(const std::shared_ptr<Access>& access, const std::string& path,
                                               const std::string& root = {});

 private:
  using Key = std::pair<const Access*, std::string>;

  std::shared_ptr<Directory> remembered(const Key& key);
  void remember(Key key, const std::shared_ptr<Directory>& directory);

  // Over the map alone. No file system is asked while it is held, nor is a directory closed: one that
  // does not answer would keep everybody's files waiting.
  std::mutex mutex_;
  std::map<Key, std::weak_ptr<Directory>> open_;
};

}  // namespace backhaul::posix
