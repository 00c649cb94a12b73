// SPDX-License-Identifier: Apache-2.0
#include "tests/component/posix/over_helper.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <utility>

#include "os/helper.h"

namespace backhaul::posix {
namespace {

// Like a user's own service, for nobody else.
class OverHelper final : public Owners {
 public:
  explicit OverHelper(mode_t umask)
      : others_(umask),
        helpers_(umask),
        access_(std::make_shared<HelperAccess>([this](Descriptor socket) { return helpers_.start(std::move(socket)); })) {}

  base::Result<std::shared_ptr<Access>> access_of(const core::Owner& owner) override {
    if (owner.uid != geteuid()) return others_.access_of(owner);
    return access_;
  }

 private:
  OneOwner others_;
  TestHelpers helpers_;
  std::shared_ptr<Access> access_;
};

}  // namespace

TestHelpers::~TestHelpers() {
  for (const pid_t pid : pids_) waitpid(pid, nullptr, 0);
}

bool TestHelpers::start(Descriptor socket) {
  const auto pid = os::start_helper({FILE_HELPER, std::to_string(umask_)}, -1, socket.get());
  EXPECT_TRUE(pid);
  if (!pid) return false;
  const std::scoped_lock lock(mutex_);
  pids_.push_back(*pid);
  return true;
}

std::vector<pid_t> TestHelpers::pids() {
  const std::scoped_lock lock(mutex_);
  return pids_;
}

std::unique_ptr<Owners> owners_of_this_run(mode_t umask) {
  if (std::getenv("BACKHAUL_TEST_OVER_HELPER") != nullptr) return std::make_unique<OverHelper>(umask);
  return std::make_unique<OneOwner>(umask);
}

}  // namespace backhaul::posix
