// SPDX-License-Identifier: Apache-2.0
#include "core/needed.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t mega = 1'000'000;
const base::WallTime noon = base::WallTime{} + std::chrono::hours(500'000);

// 970 s at a megabyte a second, and the 30 that are always added: a thousand.
Need need(base::Microseconds time_left, Urgency urgency = Urgency::gentle) {
  return {.time_left = time_left, .left = 970 * mega, .rate = mega, .urgency = urgency};
}

TEST(Needed, TheLessTimeIsLeftTheMoreItIsPreferred) {
  EXPECT_EQ(takes(need(0s)), 1000s);
  EXPECT_EQ(urgency_of(need(4001s)), Urgency::gentle);
  EXPECT_EQ(urgency_of(need(4000s)), Urgency::high);
  EXPECT_EQ(urgency_of(need(2001s)), Urgency::high);
  EXPECT_EQ(urgency_of(need(2000s)), Urgency::beside);
  EXPECT_EQ(urgency_of(need(-1s)), Urgency::beside) << "the clock ends nothing";
  EXPECT_EQ(urgency_of(need(-std::chrono::years(50))), Urgency::beside);
}

TEST(Needed, ItFallsBackOnlyWhenThereIsTwiceAsMuchTime) {
  EXPECT_EQ(urgency_of(need(4000s, Urgency::beside)), Urgency::beside);
  EXPECT_EQ(urgency_of(need(4001s, Urgency::beside)), Urgency::high);
  EXPECT_EQ(urgency_of(need(8000s, Urgency::high)), Urgency::high);
  EXPECT_EQ(urgency_of(need(8001s, Urgency::high)), Urgency::gentle);
}

TEST(Needed, WhatIsNotKnownIsAssumed) {
  Need unknown{.time_left = 1h, .left = {}, .rate = {}};
  EXPECT_EQ(takes(unknown), 830s);
  unknown.rate = 10 * mega;
  EXPECT_EQ(takes(unknown), 40s);
  unknown.left = 0;
  EXPECT_EQ(takes(unknown), 30s);
  unknown.left = UINT64_MAX;
  unknown.rate = 1;
  EXPECT_GT(takes(unknown), std::chrono::years(9)) << "nothing overflows";
  EXPECT_EQ(urgency_of(unknown), Urgency::beside);
}

TEST(Needed, ItIsLookedAtWhenItMayBeMoreUrgentAndNeverInACircle) {
  EXPECT_EQ(next_look(need(4100s)), 100s);
  EXPECT_EQ(next_look(need(100h)), 1h) << "the clock may be set meanwhile";
  EXPECT_EQ(next_look(need(4000s)), 5s);
  EXPECT_EQ(next_look(need(2500s, Urgency::high)), 500s);
  EXPECT_EQ(next_look(need(2500s, Urgency::beside)), 1h);
}

TEST(Needed, WhatIsLeftAndTheRateAreThoseOfTheRow) {
  Job job;
  job.state = base::JobState::queued;
  EXPECT_FALSE(need_of(job, noon, 0)) << "it is not needed by any moment";
  job.rare.edit().needed_by = noon + 1h;
  job.files = {.total = 1, .bytes_known = 5000, .bytes_stored = 2000};
  const Need untried = need_of(job, noon, 0).value();
  EXPECT_EQ(untried.time_left, 1h);
  EXPECT_EQ(untried.left, 3000U);
  EXPECT_EQ(untried.rate, std::nullopt);
  job.time_used = 4s;
  EXPECT_EQ(need_of(job, noon, 0)->rate, 500U);
  EXPECT_EQ(need_of(job, noon, 7)->rate, 7U) << "what is measured now counts";
  job.rare.edit().time_before = 16s;
  EXPECT_EQ(need_of(job, noon, 0)->rate, 100U) << "what came before the last Start took its time as well";
  job.files.size_unknown = 1;
  EXPECT_EQ(need_of(job, noon, 0)->left, std::nullopt);
  for (const auto state : {base::JobState::suspended, base::JobState::error, base::JobState::transferred}) {
    job.state = state;
    EXPECT_FALSE(need_of(job, noon, 0)) << base::to_word(state);
  }
}

TEST(Needed, ThePlanIsOneSentenceWithNumbers) {
  EXPECT_EQ(describe(need(5000s)),
            "needed in 1 h 23 min; 925.1M are left, which takes 16 min 10 s at 976.6K/s, and 30 s to spare: served as its "
            "priority says, like one of high priority in 16 min 40 s, beside the others in 50 min");
  EXPECT_EQ(describe({.time_left = -90s, .left = {}, .rate = {}, .urgency = Urgency::beside}),
            "was needed 1 min 30 s ago; an assumed 95.4M are left, which takes 13 min 20 s at an assumed "
            "122.1K/s, and 30 s to spare: served beside the others, like one in the foreground");
}

TEST(Needed, WhatIsDueHappensFromNowOn) {
  const std::string left = " min; 925.1M are left, which takes 16 min 10 s at 976.6K/s, and 30 s to spare: served ";
  EXPECT_EQ(describe(need(3000s)), "needed in 50" + left +
                                       "as its priority says, like one of high priority from now on, "
                                       "beside the others in 16 min 40 s");
  EXPECT_EQ(describe(need(1800s)), "needed in 30" + left + "as its priority says, beside the others from now on");
  EXPECT_EQ(describe(need(1800s, Urgency::high)),
            "needed in 30" + left + "like one of high priority, beside the others from now on");
}

TEST(Needed, AnUrgentJobIsServedLikeAHigherPriorityAndKeepsItsOwn) {
  Job job;
  for (const auto own : {base::Priority::foreground, base::Priority::high, base::Priority::normal,
                         base::Priority::low}) {
    job.priority = own;
    job.rare.edit().urgency = Urgency::gentle;
    EXPECT_EQ(served_as(job), own);
    job.rare.edit().urgency = Urgency::high;
    EXPECT_EQ(served_as(job), std::min(own, base::Priority::high));
    job.rare.edit().urgency = Urgency::beside;
    EXPECT_EQ(served_as(job), base::Priority::foreground);
    EXPECT_EQ(job.priority, own);
  }
}

}  // namespace
}  // namespace backhaul::core
