// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/owner_access.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <string_view>
#include <utility>

#include "core/part_name.h"

namespace backhaul::posix {
namespace {

constexpr unsigned links_max = 40;  // as many as the kernel follows

Tried<Descriptor> open_without_links(const std::string& path) {
  return open_on_terms(AT_FDCWD, path, O_RDONLY, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

// A way down from the root of the file system, one name after the other; each directory is held while the next is
// looked for, so that nothing which is swapped meanwhile leads elsewhere unseen.
class Way {
 public:
  explicit Way(std::string path) : rest_(std::move(path)), at_(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

  Tried<Descriptor> walk() {
    while (!rest_.empty()) {
      if (!at_) return untried(errno);
      if (const auto stepped = step(take_name()); !stepped) return untried(stepped.error());
    }
    Descriptor directory(openat(at_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return untried(errno);
    return directory;
  }

 private:
  std::string take_name() {
    const std::size_t end = std::min(rest_.find('/'), rest_.size());
    std::string name = rest_.substr(0, end);
    rest_.erase(0, end == rest_.size() ? end : end + 1);
    return name;
  }

  Tried<void> step(const std::string& name) {
    if (name.empty() || name == ".") return {};
    Descriptor next(openat(at_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat info;
    if (!next || fstat(next.get(), &info) != 0) return untried(errno);
    if (S_ISLNK(info.st_mode)) return follow(next, info.st_uid);
    if (!S_ISDIR(info.st_mode)) return untried(ENOTDIR);
    at_ = std::move(next);
    return {};
  }

  Tried<void> follow(const Descriptor& link, uid_t maker) {
    if (++links_ > links_max) return untried(ELOOP);
    if (maker != geteuid() && maker != 0) return untried(EACCES);
    std::array<char, PATH_MAX> target;
    const ssize_t size = readlinkat(link.get(), "", target.data(), target.size());
    if (size < 0) return untried(errno);
    const std::string_view path(target.data(), static_cast<std::size_t>(size));
    if (path.size() + rest_.size() >= PATH_MAX) return untried(ENAMETOOLONG);
    if (path.starts_with('/')) at_ = Descriptor(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    rest_ = std::string(path) + '/' + rest_;
    return {};
  }

  std::string rest_;
  Descriptor at_;
  unsigned links_ = 0;
};

Tried<Descriptor> open_on_own_way(const std::string& path) {
  auto opened = open_without_links(path);
  const bool walks = !opened && (opened.error() == ELOOP || opened.error() == ENOSYS);
  return walks ? Way(path).walk() : std::move(opened);
}

bool lies_in(const std::string& path, const std::string& root) {
  return path == root || path.starts_with(root.ends_with('/') ? root : root + '/');
}

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

// Some number their files by their paths; what lies there is written by whoever serves it in any case.
bool numbers_by_path(int directory) {
  constexpr unsigned long fuse = 0x65735546;
  struct statfs info;
  return fstatfs(directory, &info) == 0 && static_cast<unsigned long>(info.f_type) == fuse;
}

}  // namespace

Tried<Descriptor> OwnerAccess::open_directory(const std::string& path, const std::string& root) {
  auto opened = open_somewhere(path, root);
  struct stat home;
  if (!opened && opened.error() == ENOENT && !rules_.home.empty() && lies_in(path, rules_.home) &&
      stat(rules_.home.c_str(), &home) != 0)
    return untried(home_away);
  return opened;
}

Tried<Descriptor> OwnerAccess::open_somewhere(const std::string& path, const std::string& root) {
  if (rules_.only_beneath) return open_allowed(path, root);
  return root.empty() ? open_on_own_way(path) : open_beneath(path, root);
}

Tried<Descriptor> OwnerAccess::open_allowed(const std::string& path, const std::string& root) {
  const auto allowed = std::ranges::find_if(rules_.roots, [&](const auto& one) { return lies_in(path, one); });
  if (allowed == rules_.roots.end()) return untried(EACCES);
  auto opened = open_beneath(path, *allowed);
  if (!opened) return untried(opened.error() == EXDEV || opened.error() == ELOOP ? EACCES : opened.error());
  if (root.empty()) return opened;
  auto beneath = open_beneath(path, root);
  struct stat one;
  struct stat other;
  if (!beneath) return beneath;
  if (fstat(opened->get(), &one) != 0 || fstat(beneath->get(), &other) != 0) return untried(errno);
  if (!is_same(one, other)) return untried(EXDEV);
  return beneath;
}

Tried<Found> OwnerAccess::look(int directory, const std::string& name, bool follow) {
  if (directory != nowhere) return DirectAccess::look(directory, name, follow);
  if (follow) {  // a directory is looked for as it is opened
    const auto opened = open_directory(name, {});
    struct stat info;
    if (opened && fstat(opened->get(), &info) == 0) return Found{info.st_dev, info.st_ino, info.st_mode};
    if (!opened && opened.error() != ENOTDIR) return untried(opened.error());
  }
  const auto parent = open_directory(core::parent_directory(name), {});
  if (!parent) return untried(parent.error());
  return DirectAccess::look(parent->get(), core::name_in_directory(name), follow);
}

Tried<void> OwnerAccess::may_write(int directory, const std::string& path) {
  if (directory != nowhere) return DirectAccess::may_write(directory, path);
  const auto opened = open_directory(path, {});
  if (!opened) return untried(opened.error());
  return DirectAccess::may_write(opened->get(), ".");
}

Tried<void> OwnerAccess::rename(int directory, const std::string& from, const std::string& to, int held) {
  struct stat mine;
  if (fstat(held, &mine) != 0) return untried(errno);
  const auto is_mine = [&](const std::string& name) {
    struct stat found;
    return fstatat(directory, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 && is_same(mine, found);
  };
  const bool by_path = numbers_by_path(directory);
  if (!by_path && !is_mine(from)) {
    if (is_mine(to)) return {};
    return untried(DirectAccess::look(directory, from, false) ? other_file : ENOENT);
  }
  if (const auto renamed = DirectAccess::rename(directory, from, to, held); !renamed) return renamed;
  if (!by_path && !is_mine(to)) return untried(other_file);
  return {};
}

Tried<void> RemainsAccess::unlink(int directory, const std::string& name) {
  if (directory == nowhere || name.find('/') != std::string::npos || !core::is_part_name(name)) return untried(EACCES);
  struct stat found;
  if (fstatat(directory, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return untried(errno);
  if (!S_ISREG(found.st_mode) || found.st_uid != geteuid()) return untried(EACCES);
  return OwnerAccess::unlink(directory, name);
}

}  // namespace backhaul::posix
