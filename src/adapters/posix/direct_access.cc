// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/direct_access.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "adapters/posix/failure.h"
#include "adapters/posix/held_directories.h"
#include "adapters/posix/rights.h"

namespace backhaul::posix {

static_assert(helper_gone == EOWNERDEAD && other_file == ESTALE && try_elsewhere == EAGAIN &&
              owner_unknown == ENOTNAM && moved_away == ENOLINK);

namespace {

Tried<Descriptor> opened(int fd) {
  if (fd < 0) return untried(errno);
  return Descriptor(fd);
}

Tried<void> done(int result) {
  if (result != 0) return untried(errno);
  return {};
}

int flags_of(Purpose purpose) {
  constexpr int always = O_NOFOLLOW | O_CLOEXEC;
  switch (purpose) {
    // O_NONBLOCK: a pipe of that name must not hold a worker for ever.
    case Purpose::read: return O_RDONLY | O_NONBLOCK | always;
    case Purpose::write: return O_RDWR | O_NONBLOCK | always;
    case Purpose::create: return O_RDWR | O_CREAT | O_EXCL | always;
    case Purpose::list: return O_RDONLY | O_DIRECTORY | always;
  }
  std::unreachable();
}

constexpr mode_t part_mode = 0600;

}  // namespace

Tried<Descriptor> open_on_terms(int from, const std::string& path, std::uint64_t flags, std::uint64_t resolve) {
  open_how how{};
  how.flags = flags | O_DIRECTORY | O_CLOEXEC;
  how.resolve = resolve;
  return opened(static_cast<int>(syscall(SYS_openat2, from, path.c_str(), &how, sizeof how)));
}

Tried<Descriptor> DirectAccess::open_beneath(const std::string& path, const std::string& root) {
  if (path != root && !path.starts_with(root.ends_with('/') ? root : root + '/')) return untried(EXDEV);
  // The folder of an application may itself be a link that the user made; what is in it may not.
  const Descriptor beneath(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!beneath) return untried(errno);
  std::string rest = path.substr(root.size());
  rest.erase(0, rest.find_first_not_of('/'));
  if (rest.empty()) rest = ".";
  while (true) {
    auto directory = open_on_terms(beneath.get(), rest, O_RDONLY, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
    // EAGAIN: something was renamed meanwhile, and the kernel could not be sure
    if (directory || (directory.error() != EAGAIN && directory.error() != EINTR)) return directory;
  }
}

Tried<Descriptor> DirectAccess::open_directory(const std::string& path, const std::string& root) {
  if (!root.empty()) return open_beneath(path, root);
  return opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Tried<Descriptor> DirectAccess::recall_directory(const std::string& path) {
  auto directory = open_on_terms(AT_FDCWD, path, O_PATH, RESOLVE_CACHED | RESOLVE_NO_SYMLINKS);
  // A kernel that cannot do it, a link, a directory that is not there: whoever opens it will see.
  if (!directory) return untried(try_elsewhere);
  return directory;
}

Tried<Descriptor> DirectAccess::open(int directory, const std::string& name, Purpose purpose) {
  return opened(openat(directory, name.c_str(), flags_of(purpose), part_mode));
}

Tried<Descriptor> DirectAccess::open_source(const std::string& path) {
  return opened(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

Tried<Found> DirectAccess::look(int directory, const std::string& name, bool follow) {
  struct stat info;
  int result = 0;
  if (directory == nowhere)
    result = follow ? stat(name.c_str(), &info) : lstat(name.c_str(), &info);
  else
    result = fstatat(directory, name.c_str(), &info, follow ? 0 : AT_SYMLINK_NOFOLLOW);
  if (result != 0) return untried(errno);
  return Found{info.st_dev, info.st_ino, info.st_mode};
}

Tried<void> DirectAccess::may_write(int directory, const std::string& path) {
  return done(faccessat(directory == nowhere ? AT_FDCWD : directory, path.c_str(), W_OK | X_OK, AT_EACCESS));
}

Tried<void> DirectAccess::rename(int directory, const std::string& from, const std::string& to, int) {
  return done(renameat(directory, from.c_str(), directory, to.c_str()));
}

Tried<void> DirectAccess::unlink(int directory, const std::string& name) {
  return done(unlinkat(directory, name.c_str(), 0));
}

Tried<void> DirectAccess::sync(int directory) { return done(fsync(directory)); }

Tried<Room> DirectAccess::room(int directory) {
  struct statvfs info;
  if (fstatvfs(directory, &info) != 0) return untried(errno);
  // The administrator may have blocks that others may not use.
  const std::uint64_t free = geteuid() == 0 ? info.f_bfree : info.f_bavail;
  return Room{info.f_blocks * info.f_frsize, free * info.f_frsize, info.f_fsid};
}

Tried<void> DirectAccess::set_time(int file, base::WallTime modified) {
  const std::int64_t us = modified.time_since_epoch().count();
  std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, timespec{us / 1'000'000, us % 1'000'000 * 1'000}};
  if (times[1].tv_nsec < 0) {
    --times[1].tv_sec;
    times[1].tv_nsec += 1'000'000'000;
  }
  return done(futimens(file, times.data()));
}

Tried<void> DirectAccess::set_mode(int file, mode_t mode) { return done(fchmod(file, mode)); }

Tried<void> DirectAccess::set_usual_mode(int directory, int file) {
  std::array<char, 64 * 1024> list;  // the most that the kernel keeps as one attribute
  const ssize_t size = fgetxattr(directory, first_access_list_name, list.data(), list.size());
  if (size <= 0) return set_mode(file, mode_);
  const auto first = access_list_of_file({list.data(), static_cast<std::size_t>(size)});
  return first ? set_access_list(file, *first) : set_mode(file, mode_);
}

Tried<void> DirectAccess::give(int file, uid_t owner, gid_t group) { return done(fchown(file, owner, group)); }

Tried<void> DirectAccess::set_access_list(int file, std::string_view list) {
  return done(fsetxattr(file, access_list_name, list.data(), list.size(), 0));
}

OneOwner::OneOwner(mode_t umask, uid_t owner) : owner_(owner), access_(std::make_shared<DirectAccess>(umask)) {
  access_->use(std::make_shared<HeldDirectories>());
}

base::Result<std::shared_ptr<Access>> OneOwner::access_of(const core::Owner& owner) {
  if (owner.uid == owner_) return access_;
  return local_error(base::Code::E_ACCESSDENIED,
                     "The service works with the rights of user " + std::to_string(owner_) +
                         " and touches nothing for user " + std::to_string(owner.uid) + ".");
}

}  // namespace backhaul::posix
