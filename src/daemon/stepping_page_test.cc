// SPDX-License-Identifier: Apache-2.0
// A crash is a real one: a forked child that kills itself.
#include "daemon/stepping_page.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "tests/support/temp_dir.h"

namespace backhaul::daemon {
namespace {

const base::JobId job_a{{1, 2, 3}};
const base::JobId job_b{{9, 9, 9}};

class Stepping : public ::testing::Test {
 protected:
  void crash_in(const std::function<void(SteppingPage&)>& run) {
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto page = SteppingPage::open(folder_.path().string());
      if (!page) _exit(1);
      run(**page);
      raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  std::optional<base::JobId> poisoned() { return SteppingPage::open(folder_.path().string()).value()->poisoned(); }

  test::TempDir folder_;
};

TEST_F(Stepping, OneCrashIsForgiven) {
  crash_in([](SteppingPage& page) { page.begin(job_a); });
  EXPECT_EQ(poisoned(), std::nullopt);
}

TEST_F(Stepping, TwoCrashesInARowAtTheSameJobAreReported) {
  crash_in([](SteppingPage& page) { page.begin(job_a); });
  crash_in([](SteppingPage& page) {
    page.begin(job_b);
    page.end();
    page.begin(job_a);
  });
  EXPECT_EQ(poisoned(), job_a);
  EXPECT_EQ(poisoned(), std::nullopt) << "a run without a crash clears it";
}

TEST_F(Stepping, CrashesAtDifferentJobsOrBetweenStepsDoNotCount) {
  crash_in([](SteppingPage& page) { page.begin(job_a); });
  crash_in([](SteppingPage& page) { page.begin(job_b); });
  crash_in([](SteppingPage& page) { page.begin(job_a); });
  crash_in([](SteppingPage& page) {
    page.begin(job_a);
    page.end();
  });
  crash_in([](SteppingPage& page) { page.begin(job_a); });
  EXPECT_EQ(poisoned(), std::nullopt);
}

TEST_F(Stepping, APageOfNonsenseIsStartedAnew) {
  test::write_file(folder_ / "stepping", std::string(5000, 'x'));
  EXPECT_EQ(poisoned(), std::nullopt);
}

}  // namespace
}  // namespace backhaul::daemon
