// SPDX-License-Identifier: Apache-2.0
#include "base/vocabulary.h"

#include <gtest/gtest.h>

#include "base/result.h"

namespace backhaul::base {
namespace {

TEST(Vocabulary, StatesAndPrioritiesLeadBackFromTheirWords) {
  for (int i = 0; i < job_state_count; ++i) {
    const auto state = static_cast<JobState>(i);
    EXPECT_EQ(job_state_from_word(to_word(state)), state);
  }
  for (int i = 0; i < 4; ++i) {
    const auto priority = static_cast<Priority>(i);
    EXPECT_EQ(priority_from_word(to_word(priority)), priority);
  }
  EXPECT_FALSE(job_state_from_word("QUEUED"));
  EXPECT_FALSE(priority_from_word(""));
}

TEST(Vocabulary, NumbersAreThoseOfBits) {
  EXPECT_EQ(static_cast<int>(JobState::transient_error), 5);
  EXPECT_EQ(static_cast<int>(JobState::cancelled), 8);
  EXPECT_EQ(static_cast<int>(Priority::low), 3);
  EXPECT_EQ(static_cast<int>(ErrorContext::server_certificate_callback), 8);
}

TEST(Vocabulary, ANumberWithoutWordIsUnknown) {
  EXPECT_EQ(to_word(static_cast<JobState>(9)), "unknown");
  EXPECT_EQ(to_word(static_cast<ErrorContext>(9)), "unknown");
}

Result<int> half(int n) {
  if (n % 2 != 0) return Error(Code::E_INVALIDARG, "odd");
  return n / 2;
}

Result<int> quarter(int n) {
  BH_TRY(const int h, half(n));
  BH_CHECK(half(h));
  return h / 2;
}

TEST(Result, TryHandsTheErrorOn) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().code, Code::E_INVALIDARG);
  EXPECT_EQ(quarter(3).error().text, "odd");
}

TEST(ResultDeathTest, AFalseAssertionEndsTheProgram) {
  EXPECT_DEATH(BH_ASSERT(1 + 1 == 3), "assertion failed: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace backhaul::base
