// SPDX-License-Identifier: Apache-2.0
#include "cli/wakeups.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/no_descriptors.h"

namespace backhaul::cli {
namespace {

TEST(WakeupsTest, WithoutDescriptorsLeftSignalsAreHeardAllTheSame) {
  if (!test::descriptors_may_run_out) GTEST_SKIP() << "not under a sanitizer";
  const test::NoDescriptors none;
  Wakeups wakeups;
  ASSERT_EQ(kill(getpid(), SIGINT), 0);
  EXPECT_EQ(wakeups.wait({}).kind, Wake::Kind::interrupt);
  wakeups.teller()();
  EXPECT_EQ(wakeups.wait({}).kind, Wake::Kind::answer);
}

// Two Ctrl+C in one moment are one signal for the system, or the second comes when nobody waits any more.
TEST(WakeupsTest, AnInterruptThatCameTooLateEndsNobody) {
  {
    Wakeups wakeups;
    ASSERT_EQ(kill(getpid(), SIGINT), 0);
    ASSERT_EQ(kill(getpid(), SIGINT), 0);
    EXPECT_EQ(wakeups.wait({}).kind, Wake::Kind::interrupt);
    EXPECT_EQ(wakeups.wait(Wakeups::Clock::now()).kind, Wake::Kind::timeout) << "the same one";
    ASSERT_EQ(kill(getpid(), SIGINT), 0);
  }
  SUCCEED() << "it is still there";
}

TEST(WakeupsTest, WhoIsEndedWithoutDescriptorsTidiesUpAndEnds) {
  if (!test::descriptors_may_run_out) GTEST_SKIP() << "not under a sanitizer";
  EXPECT_EXIT(
      {
        const test::NoDescriptors none;
        Wakeups wakeups([] { static_cast<void>(!write(STDERR_FILENO, "tidy", 4)); });
        kill(getpid(), SIGTERM);
        wakeups.wait({});
      },
      ::testing::KilledBySignal(SIGTERM), "tidy");
}

}  // namespace
}  // namespace backhaul::cli
