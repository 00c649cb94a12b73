// SPDX-License-Identifier: Apache-2.0
// Access as the helper of an owner has it: by system calls, with the rights of the account, and with more care than a
// program needs that works for nobody but its user. Others may write to the directories, and swap what is in
// them and on the way to them at any moment.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "adapters/posix/direct_access.h"

namespace backhaul::posix {

struct OwnerRules {
  mode_t umask = 022;
  // Where the account may have its files at all; empty: wherever it has the right to.
  bool only_beneath = false;
  std::vector<std::string> roots{};
  std::string home{};  // of the account; empty: it has none. It may come and go: encrypted, on a server, on a stick
};

class OwnerAccess final : public DirectAccess {
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

}  // namespace backhaul::posix
