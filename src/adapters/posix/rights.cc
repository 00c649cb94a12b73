// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/rights.h"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "adapters/posix/failure.h"
#include "core/request_options.h"

namespace backhaul::posix {
namespace {

constexpr mode_t permissions = 0777;
constexpr mode_t of_group = 070;

bool has_no_lists(int error) { return error == EOPNOTSUPP || error == ENODATA; }

base::Result<std::string> access_list_of(int fd, const std::string& path) {
  std::array<char, 64 * 1024> list;  // the most that the kernel keeps as one attribute
  const ssize_t length = fgetxattr(fd, access_list_name, list.data(), list.size());
  if (length >= 0) return std::string(list.data(), static_cast<std::size_t>(length));
  if (has_no_lists(errno)) return std::string();
  return failure("read the access list of", path);
}

// A file system without lists: with one, what stands for the group is the most that anybody in it has, and
// the group itself may have less.
base::Result<mode_t> give_access_list(Access& access, int fd, const std::string& list, mode_t mode,
                                      const std::string& path) {
  if (list.empty()) return mode;
  const auto given = access.set_access_list(fd, list);
  if (given) return mode;
  if (has_no_lists(given.error())) return mode & ~of_group;
  return failure("give an access list to", path, given.error());
}

}  // namespace

// A version, then entries of eight octets: whom they are for, what is allowed, and a number; little-endian.
std::optional<std::string> access_list_of_file(std::string_view first) {
  constexpr std::size_t version_size = 4;
  constexpr std::size_t entry_size = 8;
  constexpr char owner = 0x01;
  constexpr char group = 0x04;
  constexpr char mask = 0x10;
  constexpr char others = 0x20;
  constexpr char read_and_write = 06;
  if (first.size() <= version_size || (first.size() - version_size) % entry_size != 0) return std::nullopt;
  std::string list(first);
  const auto limit = [&](char whose) {
    bool found = false;
    for (std::size_t at = version_size; at < list.size(); at += entry_size)
      if (list[at] == whose) {
        list[at + 2] = static_cast<char>(list[at + 2] & read_and_write);
        found = true;
      }
    return found;
  };
  if (!limit(owner) || !limit(others)) return std::nullopt;
  // With a mask that is what stands for the group.
  if (!limit(mask) && !limit(group)) return std::nullopt;
  return list;
}

base::Result<ports::CopiedRights> rights_of(int fd, std::uint32_t flags, const std::string& path) {
  struct stat info;
  if (fstat(fd, &info) != 0) return failure("look at", path);
  ports::CopiedRights rights;
  if ((flags & core::acl::owner) != 0) rights.owner = info.st_uid;
  if ((flags & core::acl::group) != 0) rights.group = info.st_gid;
  if ((flags & core::acl::dacl) == 0) return rights;
  rights.mode = info.st_mode & permissions;
  BH_TRY(rights.access_list, access_list_of(fd, path));
  return rights;
}

base::Result<void> take_over(Access& access, int fd, const ports::CopiedRights& rights, const std::string& path) {
  struct stat info;
  if (fstat(fd, &info) != 0) return failure("look at", path);
  const uid_t owner = rights.owner.value_or(info.st_uid);
  const gid_t group = rights.group.value_or(info.st_gid);
  if (owner != info.st_uid || group != info.st_gid)
    if (const auto given = access.give(fd, owner, group); !given)
      return failure("give user " + std::to_string(owner) + " and group " + std::to_string(group) + " the file",
                     path, given.error());
  if (!rights.mode) return {};
  BH_TRY(const mode_t mode, give_access_list(access, fd, rights.access_list, *rights.mode, path));
  // It has to be read once more before it is put in place.
  if (const auto set = access.set_mode(fd, mode | S_IRUSR | mode_kept); !set)
    return failure("set the permissions of", path, set.error());
  return {};
}

}  // namespace backhaul::posix
