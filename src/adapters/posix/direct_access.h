// SPDX-License-Identifier: Apache-2.0
// Access with the rights that this process has, by system calls.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/posix/access.h"

namespace backhaul::posix {

// A directory that a path leads to from another one (AT_FDCWD: from here), with the conditions of openat2 on the way.
Tried<Descriptor> open_on_terms(int from, const std::string& path, std::uint64_t flags, std::uint64_t resolve);

class DirectAccess : public Access {
 public:
  explicit DirectAccess(mode_t umask) : mode_(0666 & ~umask) {}

  Tried<Descriptor> open_directory(const std::string& path, const std::string& root) override;
  Tried<Descriptor> recall_directory(const std::string& path) override;
  Tried<Descriptor> open(int directory, const std::string& name, Purpose purpose) override;
  Tried<Descriptor> open_source(const std::string& path) override;
  Tried<Found> look(int directory, const std::string& name, bool follow) override;
  Tried<void> may_write(int directory, const std::string& path) override;
  Tried<void> rename(int directory, const std::string& from, const std::string& to, int held) override;
  Tried<void> unlink(int directory, const std::string& name) override;
  Tried<void> sync(int directory) override;
  Tried<Room> room(int directory) override;
  Tried<void> set_time(int file, base::WallTime modified) override;
  Tried<void> set_mode(int file, mode_t mode) override;
  Tried<void> set_usual_mode(int directory, int file) override;
  Tried<void> give(int file, uid_t owner, gid_t group) override;
  Tried<void> set_access_list(int file, std::string_view list) override;

 protected:
  // The directory beneath another one, however the way there is built.
  static Tried<Descriptor> open_beneath(const std::string& path, const std::string& root);

 private:
  const mode_t mode_;  // of a file that the owner makes
};

// A service of one account: it does not do with its own rights what was meant to be done with somebody else's.
class OneOwner final : public Owners {
 public:
  explicit OneOwner(mode_t umask, uid_t owner = geteuid());

  base::Result<std::shared_ptr<Access>> access_of(const core::Owner& owner) override;

 private:
  const uid_t owner_;
  const std::shared_ptr<Access> access_;
};

}  // namespace backhaul::posix
