// SPDX-License-Identifier: Apache-2.0
// The life of a job from Enqueue to Complete or Cancel (jobs.md §3-§5, §13).
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

TEST(Lifecycle, ADownloadPassesThroughItsStatesAndIsCompletedByItsOwner) {
  Story s;
  s.serve("x", 3000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(10s);
  s.complete(a);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
4 a is transferred
10 a is acknowledged
10 a is removed
10 Complete a: S_OK
)");
  EXPECT_TRUE(s.has_file("x"));
}

}  // namespace
}  // namespace backhaul::stories
