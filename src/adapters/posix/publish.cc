// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/publish.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <compare>
#include <cstdio>
#include <map>
#include <string>

#include "adapters/posix/descriptor.h"
#include "adapters/posix/directory.h"
#include "adapters/posix/failure.h"
#include "core/part_name.h"

namespace backhaul::posix {
namespace {

using base::Code;

struct Where {  // a directory, and what it must lie beneath (ports::PartRef)
  std::string path;
  std::string root;
  auto operator<=>(const Where&) const = default;
};

// Positions in a list of files, by directory: each directory is opened and synced once.
template <class Files, class PartOf>
std::map<Where, std::vector<std::size_t>> by_directory(const Files& files, PartOf part_of) {
  std::map<Where, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const ports::PartRef& part = part_of(files[i]);
    groups[{core::parent_directory(part.local), part.root}].push_back(i);
  }
  return groups;
}

std::string part_name(const base::JobId& job, const ports::PartRef& part) {
  return core::part_prefix(job, part.index) + std::to_string(part.epoch) + ".tmp";
}

std::string base_name(const std::string& local) { return local.substr(local.rfind('/') + 1); }

bool is_recorded(const Directory& directory, const struct stat& info,
                 const ports::PublishFile& file) {
  return S_ISREG(info.st_mode) && info.st_ino == file.inode && directory.volume() == file.device;
}

// A file system that has no owners or times is no reason to withhold the file.
bool is_serious(int error) {
  return error != EPERM && error != EOPNOTSUPP && error != ENOSYS && error != EINVAL;
}

base::Result<void> set_time_and_mode(int fd, const ports::PublishFile& file, mode_t mode) {
  if (file.modified) {
    const std::int64_t us = file.modified->time_since_epoch().count();
    timespec times[2] = {{0, UTIME_OMIT}, {us / 1'000'000, us % 1'000'000 * 1'000}};
    if (times[1].tv_nsec < 0) {
      --times[1].tv_sec;
      times[1].tv_nsec += 1'000'000'000;
    }
    if (futimens(fd, times) != 0 && is_serious(errno))
      return failure("set the time of", file.part.local);
  }
  if (fchmod(fd, mode) != 0 && is_serious(errno))
    return failure("set the permissions of", file.part.local);
  return {};
}

// The part is not there: either it was published before, or it is lost.
base::Result<void> find_published(const Directory& directory, const ports::PublishFile& file) {
  struct stat info;
  const std::string name = base_name(file.part.local);
  if (fstatat(directory.fd(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
      is_recorded(directory, info, file))
    return {};
  if (directory.volume() != file.device)
    return local_error(Code::BG_E_VOLUME_CHANGED,
                       directory.path() + " is on another volume than before.");
  return local_error(Code::FILE_NOT_FOUND,
                     "The received data of " + file.part.local + " is no longer there.");
}

base::Result<void> publish_one(const Directory& directory, const base::JobId& job,
                               const ports::PublishFile& file, mode_t mode) {
  const std::string part = part_name(job, file.part);
  const Descriptor fd(
      openat(directory.fd(), part.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ENOENT) return find_published(directory, file);
  struct stat info;
  if (!fd || fstat(fd.get(), &info) != 0) return failure("open", directory.path() + "/" + part);
  if (!is_recorded(directory, info, file))
    return local_error(Code::FILE_NOT_FOUND,
                       "The received data of " + file.part.local + " was replaced by another file.");
  BH_CHECK(set_time_and_mode(fd.get(), file, mode));
  const std::string name = base_name(file.part.local);
  if (renameat(directory.fd(), part.c_str(), directory.fd(), name.c_str()) != 0)
    return failure("put in place", file.part.local);
  return {};
}

void publish_directory(const ports::PublishRequest& request, const Where& where,
                       const std::vector<std::size_t>& files, mode_t mode,
                       std::vector<ports::PublishedFile>& results) {
  const auto fail = [&](std::size_t i, const base::Error& error) {
    if (!results[i].error) results[i].error = error;
  };
  const auto directory = Directory::open(where.path, where.root);
  if (!directory) {
    for (const std::size_t i : files) fail(i, directory.error());
    return;
  }
  for (const std::size_t i : files)
    if (const auto done = publish_one(**directory, request.job, request.files[i], mode); !done)
      fail(i, done.error());
  // Also after a repetition that renamed nothing: the sync of the first time may be what is missing.
  if (const auto synced = (*directory)->sync(); !synced)
    for (const std::size_t i : files) fail(i, synced.error());
}

base::Result<void> drop_in_directory(const base::JobId& job, const Where& where,
                                     const std::vector<ports::PartRef>& parts,
                                     const std::vector<std::size_t>& positions) {
  const auto directory = Directory::open(where.path, where.root);
  if (!directory && directory.error().code == Code::PATH_NOT_FOUND) return {};
  if (!directory) return directory.error();
  base::Result<void> result;
  bool deleted = false;
  for (const std::size_t i : positions) {
    const std::string name = part_name(job, parts[i]);
    if (unlinkat((*directory)->fd(), name.c_str(), 0) == 0)
      deleted = true;
    else if (errno != ENOENT)
      result = failure("delete", where.path + "/" + name);
  }
  // Nobody will look for them again, so they must not come back after a power failure.
  if (deleted) BH_CHECK((*directory)->sync());
  return result;
}

// False if something may be left over.
bool drop_parts(const base::JobId& job, const std::vector<ports::PartRef>& parts, base::Log& log) {
  bool clean = true;
  for (const auto& [where, positions] :
       by_directory(parts, [](const ports::PartRef& part) -> const ports::PartRef& {
         return part;
       })) {
    const auto dropped = drop_in_directory(job, where, parts, positions);
    if (dropped) continue;
    log.write(base::LogLevel::warning, dropped.error().text, job);
    clean = false;
  }
  return clean;
}

}  // namespace

ports::Published publish_parts(const ports::PublishRequest& request, mode_t mode, base::Log& log) {
  ports::Published result{.job = request.job, .files = {}, .leftovers = false};
  result.files.reserve(request.files.size());
  for (const ports::PublishFile& file : request.files)
    result.files.push_back({.index = file.part.index, .error = {}});
  for (const auto& [where, positions] :
       by_directory(request.files, [](const ports::PublishFile& file) -> const ports::PartRef& {
         return file.part;
       }))
    publish_directory(request, where, positions, mode, result.files);
  const bool all = std::ranges::none_of(
      result.files, [](const ports::PublishedFile& file) { return file.error.has_value(); });
  if (all) result.leftovers = !drop_parts(request.job, request.drop, log);
  return result;
}

ports::Discarded discard_parts(const ports::DiscardRequest& request, base::Log& log) {
  return {.job = request.job, .leftovers = !drop_parts(request.job, request.parts, log)};
}

}  // namespace backhaul::posix
