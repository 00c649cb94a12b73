// SPDX-License-Identifier: Apache-2.0
#include "core/wanted.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace backhaul::core {
namespace {

using base::Code;
constexpr std::uint64_t eof = to_end_of_file;
constexpr std::uint64_t unknown = base::size_unknown;

Wanted wanted(std::vector<WantedRange> ranges) { return Wanted::of_ranges(std::move(ranges)).value(); }

Code refused(std::vector<WantedRange> ranges) {
  const auto made = Wanted::of_ranges(std::move(ranges));
  return made ? Code::S_OK : made.error().code;
}

TEST(Wanted, OverlappingAndEmptyRangesAreRefused) {
  EXPECT_EQ(refused({}), Code::E_INVALIDARG);
  EXPECT_EQ(refused({{5, 0}}), Code::BG_E_INVALID_RANGE);
  EXPECT_EQ(refused({{UINT64_MAX, 1}}), Code::BG_E_INVALID_RANGE);
  EXPECT_EQ(refused({{10, UINT64_MAX - 5}}), Code::BG_E_INVALID_RANGE) << "its end overflows";
  EXPECT_EQ(refused({{1, UINT64_MAX - 1}}), Code::BG_E_INVALID_RANGE) << "its end is the last number there is";
  EXPECT_EQ(refused({{UINT64_MAX, eof}}), Code::BG_E_INVALID_RANGE);
  EXPECT_EQ(refused({{0, 10}, {5, 10}}), Code::BG_E_OVERLAPPING_RANGES);
  EXPECT_EQ(refused({{900, 10}, {0, 10}, {5, 1}}), Code::BG_E_OVERLAPPING_RANGES);
  EXPECT_EQ(refused({{5, 5}, {5, 5}}), Code::BG_E_OVERLAPPING_RANGES);
  EXPECT_EQ(refused({{100, eof}, {900, 1}}), Code::BG_E_OVERLAPPING_RANGES);
  EXPECT_EQ(refused({{100, eof}, {200, eof}}), Code::BG_E_OVERLAPPING_RANGES);
  EXPECT_EQ(refused({{100, eof}, {0, 100}}), Code::S_OK) << "they touch, in any order";
}

// The example of files.md §4.
TEST(Wanted, RangesLieInTheOrderInWhichTheyWereGiven) {
  const Wanted ranges = wanted({{100, 100}, {900, 100}, {400, 100}});
  EXPECT_EQ(ranges.place_of(100, 1000), 0U);
  EXPECT_EQ(ranges.place_of(999, 1000), 199U);
  EXPECT_EQ(ranges.place_of(400, 1000), 200U);
  EXPECT_EQ(ranges.place_of(500, 1000), std::nullopt);
  EXPECT_EQ(ranges.local_size(unknown), 300U) << "no server has to be asked";
}

TEST(Wanted, BehindAnEndThatNobodyKnowsNothingHasAPlace) {
  const Wanted ranges = wanted({{500, eof}, {0, 100}});
  EXPECT_EQ(ranges.place_of(700, unknown), 200U);
  EXPECT_EQ(ranges.place_of(50, unknown), std::nullopt);
  EXPECT_EQ(ranges.place_of(50, 1000), 550U);
  EXPECT_EQ(ranges.local_size(unknown), unknown);
  EXPECT_EQ(ranges.local_size(1000), 600U);
}

TEST(Wanted, OfAWholeFileEveryByteStaysWhereItIs) {
  EXPECT_TRUE(Wanted().whole());
  EXPECT_EQ(Wanted().place_of(700, 1000), 700U);
  EXPECT_EQ(Wanted().place_of(1000, 1000), std::nullopt);
  EXPECT_EQ(Wanted().local_size(unknown), unknown);
  const Wanted as_range = wanted({{0, eof}});
  EXPECT_TRUE(as_range.whole());
  EXPECT_EQ(as_range.ranges().size(), 1U) << "told as it was given";
  EXPECT_FALSE(wanted({{0, 1000}}).whole());
}

TEST(Wanted, ARangeMustLieInTheFile) {
  EXPECT_TRUE(wanted({{0, 100}, {200, eof}}).fits(201));
  EXPECT_FALSE(wanted({{0, 100}, {200, eof}}).fits(200)) << "nothing is left of it";
  EXPECT_FALSE(wanted({{50, 51}}).fits(100));
  EXPECT_TRUE(Wanted().fits(0));
}

TEST(Wanted, TheGapOfASequentialDownloadIsItsRest) {
  EXPECT_EQ(Wanted().first_gap({}, unknown), (Gap{}));
  EXPECT_EQ(Wanted().first_gap(Extents::until(40), 100),
            (Gap{.place = 40, .from = 40, .until = {}, .before = 40}));
  EXPECT_EQ(Wanted().first_gap(Extents::until(100), 100), std::nullopt);
}

TEST(Wanted, AHoleOfAWholeFileHasAnEnd) {
  Extents stored = Extents::until(40);
  stored.add({60, 80});
  EXPECT_EQ(Wanted().first_gap(stored, 100),
            (Gap{.place = 40, .from = 40, .until = 60, .before = 40}));
  stored.add({40, 60});
  EXPECT_EQ(Wanted().first_gap(stored, unknown),
            (Gap{.place = 80, .from = 80, .until = {}, .before = 80}));
}

TEST(Wanted, InFrontOfARangeLieOtherBytesThanInTheRemoteFile) {
  const Wanted ranges = wanted({{100, 100}, {900, eof}});
  EXPECT_EQ(ranges.first_gap(Extents::until(100), unknown),
            (Gap{.place = 100, .from = 900, .until = {}, .before = 0}));
  EXPECT_EQ(ranges.first_gap(Extents::until(130), 1000),
            (Gap{.place = 130, .from = 930, .until = {}, .before = 30}));
  EXPECT_EQ(ranges.first_gap(Extents::until(30), 1000),
            (Gap{.place = 30, .from = 130, .until = 200, .before = 30}));
}

// Gap after gap, taken in pieces, brings the concatenation of the ranges.
TEST(Wanted, FollowingTheGapsBringsWhatWasAskedFor) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    base::Prng prng(seed);
    const std::uint64_t size = 50 + prng.below(200);
    std::vector<WantedRange> given;
    for (std::uint64_t at = prng.below(20); at < size; at += prng.below(30)) {
      const std::uint64_t length = std::min(1 + prng.below(40), size - at);
      given.push_back({at, at + length == size && prng.chance(500) ? eof : length});
      at += length;
    }
    for (std::size_t i = given.size(); i > 1; --i) std::swap(given[i - 1], given[prng.below(i)]);
    const Wanted ranges = given.empty() ? Wanted() : wanted(given);
    ASSERT_TRUE(ranges.fits(size));
    ASSERT_EQ(Wanted::parse(ranges.text()), ranges);

    std::vector<std::uint64_t> expected;  // which remote byte lies at each place
    for (const WantedRange& range : given.empty() ? std::vector<WantedRange>{{}} : given) {
      const std::uint64_t end = range.length == eof ? size : range.offset + range.length;
      for (std::uint64_t i = range.offset; i < end; ++i) expected.push_back(i);
    }
    ASSERT_EQ(ranges.local_size(size), expected.size());
    for (std::uint64_t place = 0; place < expected.size(); ++place)
      ASSERT_EQ(ranges.place_of(expected[place], size), place);

    std::vector<std::uint64_t> local(expected.size(), unknown);
    Extents stored;
    // Some pieces are there already.
    for (auto n = prng.below(4); n > 0; --n) {
      const std::uint64_t from = prng.below(expected.size());
      const std::uint64_t to = std::min<std::uint64_t>(expected.size(), from + prng.below(20));
      stored.add({from, to});
    }
    for (std::uint64_t place = 0; place < expected.size(); ++place)
      if (stored.contains(place)) local[place] = expected[place];
    while (const auto gap = ranges.first_gap(stored, size)) {
      const std::uint64_t end = gap->until.value_or(size);
      ASSERT_LT(gap->from, end);
      const std::uint64_t count = 1 + prng.below(end - gap->from);
      for (std::uint64_t i = 0; i < count; ++i) {
        ASSERT_EQ(local.at(gap->place + i), unknown) << "nothing is fetched twice";
        local[gap->place + i] = gap->from + i;
      }
      for (std::uint64_t i = 1; i <= gap->before; ++i)
        ASSERT_EQ(local.at(gap->place - i), gap->from - i);
      stored.add({gap->place, gap->place + count});
    }
    ASSERT_EQ(local, expected) << "seed " << seed << ": " << ranges.text();
  }
}

TEST(Wanted, WhatNobodyWroteIsNotRead) {
  EXPECT_EQ(Wanted::parse("")->ranges().size(), 0U);
  EXPECT_EQ(Wanted::parse("900:100,0:5,1000:eof")->text(), "900:100,0:5,1000:eof");
  for (const char* bad : {"5", ":", "5:", ":5", "5:0", "5:eof ", "05:1", "5:EOF", "0:10,5:1", "5:1,",
                          "5:18446744073709551615", "5-6"})
    EXPECT_FALSE(Wanted::parse(bad)) << bad;
}

}  // namespace
}  // namespace backhaul::core
