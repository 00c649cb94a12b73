// SPDX-License-Identifier: Apache-2.0
// Access as the helper of an owner has it: by system calls, with the rights of the account, and with more care than a
// program needs that works for nobody but its user. Others may write to the directories, and swap what is in
// them and on the way to them at any moment.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/posix/direct_access.h"

namespace backhaul::posix {

struct OwnerRules {
  mode_t umask = 022;
  // Where the account may have its files at all; empty: wherever it has the right to.
  bool only_beneath = false;
  std::vector<std::string> roots{};
  bool deletes_parts_alone = false;  // RemainsAccess
  std::string home{};  // of the account; empty: it has none. It may come and go: encrypted, on a server, on a stick
};

class OwnerAccess : public DirectAccess {
 public:
  explicit OwnerAccess(OwnerRules rules) : DirectAccess(rules.umask), rules_(std::move(rules)) {}

  // No link of somebody else is followed on the way, as the kernel has it in directories that everybody may write to.
  Tried<Descriptor> open_directory(const std::string& path, const std::string& root) override;
  Tried<Descriptor> recall_directory(const std::string& path) override { return Access::recall_directory(path); }
  Tried<Found> look(int directory, const std::string& name, bool follow) override;
  Tried<void> may_write(int directory, const std::string& path) override;
  // The name must then be that of `held`, else other_file. Can be repeated by whoever did not hear the answer.
  Tried<void> rename(int directory, const std::string& from, const std::string& to, int held) override;

 private:
  Tried<Descriptor> open_somewhere(const std::string& path, const std::string& root);
  Tried<Descriptor> open_allowed(const std::string& path, const std::string& root);

  const OwnerRules rules_;
};

// What is left of the jobs of an account that is gone, with the number that it had: its parts can be deleted, and nothing
// else can be done with what lies under that number.
class RemainsAccess final : public OwnerAccess {
 public:
  explicit RemainsAccess(OwnerRules rules) : OwnerAccess(std::move(rules)) {}

  Tried<Descriptor> open(int, const std::string&, Purpose) override { return untried(EACCES); }
  Tried<Descriptor> open_source(const std::string&) override { return untried(EACCES); }
  Tried<Found> look(int, const std::string&, bool) override { return untried(EACCES); }
  Tried<void> may_write(int, const std::string&) override { return untried(EACCES); }
  Tried<void> rename(int, const std::string&, const std::string&, int) override { return untried(EACCES); }
  Tried<void> unlink(int directory, const std::string& name) override;
  Tried<void> set_time(int, base::WallTime) override { return untried(EACCES); }
  Tried<void> set_mode(int, mode_t) override { return untried(EACCES); }
  Tried<void> set_usual_mode(int, int) override { return untried(EACCES); }
  Tried<void> give(int, uid_t, gid_t) override { return untried(EACCES); }
  Tried<void> set_access_list(int, std::string_view) override { return untried(EACCES); }
};

}  // namespace backhaul::posix
