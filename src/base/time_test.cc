// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <gtest/gtest.h>

namespace backhaul::base {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Instant start{BootTime(hours(5)), WallTime(hours(400'000))};
const BootId boot_a = boot_id_of("boot-a");
const BootId boot_b = boot_id_of("boot-b");
const StoredDeadline deadline = deadline_after(start, boot_a, minutes(10));

TEST(StoredDeadline, WithinABootTheBootClockDecides) {
  // The wall clock was set a year ahead: it does not matter.
  const Instant later{start.boot + minutes(4), start.wall + hours(24 * 365)};
  EXPECT_EQ(resolve(deadline, later, boot_a), start.boot + minutes(10));
}

TEST(StoredDeadline, ABootClockThatWentBackCannotStretchItBeyondItsPeriod) {
  const Instant restored{BootTime(minutes(1)), start.wall};
  EXPECT_EQ(resolve(deadline, restored, boot_a), restored.boot + minutes(10));
  StoredDeadline odd = deadline;
  odd.period = -minutes(10);
  EXPECT_EQ(resolve(odd, restored, boot_a), restored.boot);
  odd.period = Microseconds::max();
  EXPECT_EQ(resolve(odd, restored, boot_a), start.boot + minutes(10)) << "nothing to clamp it to";
}

TEST(StoredDeadline, InAnotherBootTheWallClockDecides) {
  const Instant later{BootTime(seconds(30)), start.wall + minutes(4)};
  EXPECT_EQ(resolve(deadline, later, boot_b), later.boot + minutes(6));
}

TEST(StoredDeadline, InAnotherBootAPastDeadlineIsDueNow) {
  const Instant later{BootTime(seconds(30)), start.wall + hours(9)};
  EXPECT_EQ(resolve(deadline, later, boot_b), later.boot);
}

TEST(StoredDeadline, AClockSetBackCannotStretchItBeyondItsPeriod) {
  const Instant later{BootTime(seconds(30)), start.wall - hours(24 * 365)};
  EXPECT_EQ(resolve(deadline, later, boot_b), later.boot + minutes(10));
}

TEST(StoredDeadline, OneThatCannotBeIsDueNow) {
  StoredDeadline odd = deadline;
  odd.period = -minutes(10);
  EXPECT_EQ(resolve(odd, start, boot_b), start.boot);
}

TEST(EpochMicroseconds, RoundTripAndNeverGoBelowTheEpoch) {
  EXPECT_EQ(to_epoch_us(WallTime{}), 0U);
  EXPECT_EQ(to_epoch_us(WallTime(seconds(-5))), 0U);
  EXPECT_EQ(to_epoch_us(from_epoch_us(1'234'567'890'123'456U)), 1'234'567'890'123'456U);
}

}  // namespace
}  // namespace backhaul::base
