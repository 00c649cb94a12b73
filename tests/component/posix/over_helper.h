// SPDX-License-Identifier: Apache-2.0
// The tests of the files of an owner run twice: with the rights of the process, and over a helper of its account, where
// BACKHAUL_TEST_OVER_HELPER is set.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/posix/direct_access.h"
#include "adapters/posix/helper_access.h"

namespace backhaul::posix {

// Helper processes of this account, each with the umask; they have ended when this has.
class TestHelpers {
 public:
  explicit TestHelpers(mode_t umask) : umask_(umask) {}
  ~TestHelpers();

  bool start(Descriptor socket);
  std::vector<pid_t> pids();

 private:
  const mode_t umask_;
  std::mutex mutex_;
  std::vector<pid_t> pids_;
};

std::unique_ptr<Owners> owners_of_this_run(mode_t umask);

}  // namespace backhaul::posix
