// SPDX-License-Identifier: Apache-2.0
// jobs.md §4 and §11: which answer a setter gives at which moment.
#include "bits/when.h"

#include <gtest/gtest.h>

namespace backhaul::bits {
namespace {

constexpr Moment fresh{};
constexpr Moment with_file{.files = 1};
constexpr Moment resumed{.started = true, .files = 1};
constexpr Moment transferred{.state = JobState::transferred, .started = true, .files = 1};
constexpr Moment over{.state = JobState::acknowledged, .started = true, .files = 1};
constexpr Moment upload{.type = JobType::upload};

TEST(When, NothingCanBeSetAfterTheEnd) {
  for (const When when : {When::any_time, When::before_transferred, When::before_first_resume,
                          When::before_first_file}) {
    EXPECT_EQ(may_set(when, true, over), BG_E_INVALID_STATE);
    EXPECT_EQ(may_set(when, false, {.state = JobState::cancelled}), BG_E_INVALID_STATE);
    EXPECT_EQ(may_set(when, false, fresh), S_OK);
  }
}

TEST(When, SomePropertiesAreReadOnlyAfterTheFirstResumeAlsoWhenSuspendedAgain) {
  EXPECT_EQ(may_set(When::before_first_resume, true, with_file), S_OK);
  EXPECT_EQ(may_set(When::before_first_resume, true, resumed),
            static_cast<HRESULT>(0x80200062U));
}

TEST(When, HighPerformanceIsReadOnlyAfterTheFirstFile) {
  EXPECT_EQ(may_set(When::before_first_file, true, with_file), static_cast<HRESULT>(0x80200061U));
}

TEST(When, SomethingsAreSettledOnceEverythingIsHere) {
  EXPECT_EQ(may_set(When::before_transferred, false, resumed), S_OK);
  EXPECT_EQ(may_set(When::before_transferred, false, transferred), BG_E_INVALID_STATE);
  EXPECT_EQ(may_set(When::any_time, false, transferred), S_OK);
}

TEST(When, PropertiesOfDownloadsAreNotForUploads) {
  EXPECT_EQ(may_set(When::any_time, true, upload), static_cast<HRESULT>(0x80200060U));
  EXPECT_EQ(may_set(When::any_time, false, upload), S_OK);
}

}  // namespace
}  // namespace backhaul::bits
