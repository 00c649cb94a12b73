// SPDX-License-Identifier: Apache-2.0
#include "core/rate_meter.h"

#include "core/job_meters.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;

base::BootTime at(base::Microseconds time) { return base::BootTime(1h + time); }

TEST(RateMeter, IsTheMeanOfTheLastSeconds) {
  RateMeter meter;
  EXPECT_EQ(meter.rate(at(0s)), 0U);
  meter.begin(at(0s));
  EXPECT_EQ(meter.rate(at(1s)), 0U) << "nothing came yet";
  for (int second = 1; second <= 10; ++second) meter.add(at(second * 1s), 1'000);
  EXPECT_EQ(meter.rate(at(10s)), 1'000U);
  EXPECT_EQ(meter.rate(at(10s + 900ms)), 1'000U) << "the next lump is not due yet";
  for (int second = 11; second <= 20; ++second) meter.add(at(second * 1s), 3'000);
  EXPECT_EQ(meter.rate(at(20s)), 3'000U);
}

TEST(RateMeter, FallsWhenNothingComesAndEndsAtNothing) {
  RateMeter meter;
  meter.begin(at(0s));
  for (int second = 1; second <= 5; ++second) meter.add(at(second * 1s), 1'000);
  EXPECT_LT(meter.rate(at(8s)), 700U);
  EXPECT_GT(meter.rate(at(8s)), 0U);
  EXPECT_EQ(meter.rate(at(10s)), 0U);
}

TEST(RateMeter, ManyTinyLumpsCostNothingAndCountInFull) {
  RateMeter meter;
  meter.begin(at(0s));
  for (int i = 1; i <= 40'000; ++i) meter.add(at(i * 250us), 1'024);
  EXPECT_NEAR(static_cast<double>(meter.rate(at(10s))), 4'096'000.0, 4'096'000.0 / 50);
}

TEST(RateMeter, SaysNothingBeforeThereIsATimeToDivideBy) {
  RateMeter meter;
  meter.begin(at(0s));
  meter.add(at(10ms), 1'000'000);
  EXPECT_EQ(meter.rate(at(10ms)), 0U);
  meter.add(at(1s), 1'000'000);
  EXPECT_EQ(meter.rate(at(1s)), 2'000'000U);
}

TEST(JobMeters, KeepARateOverManyFilesAndForgetJobsThatRest) {
  JobMeters meters;
  base::BootTime now{1h};
  const base::JobId job{.bytes = {1}};
  const base::JobId other{.bytes = {2}};
  meters.begin(other, now);
  for (int file = 0; file < 100; ++file) {
    meters.begin(job, now);
    now += 100ms;
    meters.add(job, 1000, now);
  }
  EXPECT_NEAR(static_cast<double>(meters.rate(job, now)), 10'000, 1'000);
  EXPECT_EQ(meters.rate(other, now), 0U);
  now += 6s;
  EXPECT_EQ(meters.rate(job, now), 0U);
  // Many short ones: those that rest are forgotten, though not each time that one begins.
  for (std::uint8_t i = 0; i < 200; ++i) {
    meters.begin({.bytes = {3, i}}, now);
    now += 1s;
    EXPECT_LE(meters.size(), 16U);
  }
}

}  // namespace
}  // namespace backhaul::core
