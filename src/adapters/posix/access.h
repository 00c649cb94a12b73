// SPDX-License-Identifier: Apache-2.0
// Whatever touches a path of an owner, or needs to be the owner of a file, goes through here, so that somebody else
// can do it: a process with the rights of that account (helper_access.h), or this one, where it has them
// (direct_access.h). Bytes are read, written and synced by whoever holds the descriptor. Blocking; any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/posix/descriptor.h"
#include "base/result.h"
#include "base/time.h"
#include "core/owner.h"

namespace backhaul::posix {

// A value, or the number of the system's error (failure.h makes a sentence of it).
template <class T>
using Tried = std::expected<T, int>;
inline std::unexpected<int> untried(int error) { return std::unexpected(error); }

// The process that works for an owner has ended, and the next one did as well.
inline constexpr int helper_gone = 130;  // EOWNERDEAD
// After a rename the name was somebody else's file.
inline constexpr int other_file = 116;   // ESTALE
// Nobody can tell without waiting.
inline constexpr int try_elsewhere = 11;  // EAGAIN

// Who the owner is nobody says now: a directory service is down.
inline constexpr int owner_unknown = 118;  // ENOTNAM

// The directory that was handed over is not where it was (held_directories.h).
inline constexpr int moved_away = 67;    // ENOLINK

// The home of the owner, which the directory lies in, is not there: nobody has logged in, say, who opens it.
inline constexpr int home_away = 126;    // ENOKEY, as the kernel has it for one that is encrypted

enum class Purpose : std::uint8_t {
  read,
  write,   // and read
  create,  // a file that is not there yet, which only its owner may read
  list,    // the directory itself, under the name ".": its names
};

// What stands under a name.
struct Found {
  dev_t device = 0;
  ino_t inode = 0;
  mode_t mode = 0;

  bool operator==(const Found&) const = default;
};

// Of a file system, in bytes.
struct Room {
  std::uint64_t total = 0;   // 0: it does not count them
  std::uint64_t free = 0;    // for this account
  std::uint64_t volume = 0;  // its number; 0: it has none

  bool operator==(const Room&) const = default;
};

class HeldDirectories;

class Access {
 public:
  virtual ~Access() = default;

  // What its account handed over as descriptors; null: nobody can.
  HeldDirectories* held() const { return held_.get(); }
  // Before anybody else has it.
  void use(std::shared_ptr<HeldDirectories> held) { held_ = std::move(held); }

  // The directory that a path leads to; with a root, only beneath it (ports::PartRef), else EXDEV or ELOOP.
  virtual Tried<Descriptor> open_directory(const std::string& path, const std::string& root) = 0;
  // The same where nobody has to be waited for: the way there is one that the kernel remembers, without a link. Where
  // no file system on it is served elsewhere (Mounts) this may be asked on the loop. try_elsewhere: it is not known.
  virtual Tried<Descriptor> recall_directory(const std::string& /*path*/) { return untried(try_elsewhere); }
  // A file of a directory. A link is not followed (ELOOP), and a pipe holds nobody up.
  virtual Tried<Descriptor> open(int directory, const std::string& name, Purpose purpose) = 0;
  // Something to read from, as its owner would: links are followed. It may be no ordinary file.
  virtual Tried<Descriptor> open_source(const std::string& path) = 0;
  // With `nowhere` for a directory a name is an absolute path, here and in the next one.
  static constexpr int nowhere = -1;
  virtual Tried<Found> look(int directory, const std::string& name, bool follow) = 0;
  virtual Tried<void> may_write(int directory, const std::string& path) = 0;  // to a directory; "." is this one
  // Both are names of the directory. `held`: the file that is to have the name afterwards.
  virtual Tried<void> rename(int directory, const std::string& from, const std::string& to, int held) = 0;
  virtual Tried<void> unlink(int directory, const std::string& name) = 0;
  virtual Tried<void> sync(int directory) = 0;
  virtual Tried<Room> room(int directory) = 0;
  // Of files that are open.
  virtual Tried<void> set_time(int file, base::WallTime modified) = 0;
  virtual Tried<void> set_mode(int file, mode_t mode) = 0;
  // What a file has that its owner makes in this directory: by the umask, or by the access list that files there begin with.
  virtual Tried<void> set_usual_mode(int directory, int file) = 0;
  virtual Tried<void> give(int file, uid_t owner, gid_t group) = 0;
  virtual Tried<void> set_access_list(int file, std::string_view list) = 0;

 private:
  std::shared_ptr<HeldDirectories> held_;
};

// Who has the rights of an owner.
class Owners {
 public:
  virtual ~Owners() = default;
  // E_ACCESSDENIED: nobody here acts for that account. Blocks nobody; loop thread.
  virtual base::Result<std::shared_ptr<Access>> access_of(const core::Owner& owner) = 0;
  // Of an account that is gone: to the parts of its jobs, to delete them (RemainsAccess), and only where the number is
  // nobody's.
  virtual base::Result<std::shared_ptr<Access>> access_to_remains(const core::Owner& owner) { return access_of(owner); }
};

}  // namespace backhaul::posix
