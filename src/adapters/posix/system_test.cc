// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/system.h"

#include <gtest/gtest.h>

#include <set>

namespace backhaul::posix {
namespace {

TEST(SystemClock, TimeDoesNotRunBackwards) {
  SystemClock clock;
  const base::Instant first = clock.now();
  const base::Instant second = clock.now();
  EXPECT_LE(first.boot, second.boot);
  EXPECT_GT(first.wall.time_since_epoch(), std::chrono::hours(24 * 365 * 50));
}

TEST(SystemClock, TheBootIdIsTheSameForEveryProcessOfABoot) {
  EXPECT_EQ(SystemClock().boot_id(), SystemClock().boot_id());
  EXPECT_EQ(SystemClock().boot_id().size(), 36U) << SystemClock().boot_id();
}

TEST(SystemRandom, IdsAreVersionFourAndDiffer) {
  SystemRandom random;
  std::set<base::JobId> seen;
  for (int i = 0; i < 1'000; ++i) {
    const base::JobId id = random.new_job_id();
    const std::string text = base::to_string(id);
    EXPECT_EQ(text[14], '4') << text;
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos) << text;
    EXPECT_TRUE(seen.insert(id).second);
  }
}

}  // namespace
}  // namespace backhaul::posix
