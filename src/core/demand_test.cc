// SPDX-License-Identifier: Apache-2.0
#include "core/demand.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using base::Code;
using base::size_unknown;

Extents holding(std::vector<Extent> extents) {
  Extents all;
  for (const Extent& extent : extents) all.add(extent);
  return all;
}

Demand asking(std::vector<WantedRange> ranges, const Extents& held = {},
              std::uint64_t size = size_unknown) {
  return *with_ranges({}, ranges, held, size);
}

Code refusal(std::vector<WantedRange> ranges, std::uint64_t size = size_unknown) {
  return with_ranges({}, ranges, {}, size).error().code;
}

TEST(Demand, KeepsTheOrderInWhichItWasAsked) {
  const Demand demand = asking({{500, 100}, {0, 10}});
  EXPECT_EQ(demand.asked, (std::vector<Extent>{{500, 600}, {0, 10}}));
  const Demand more = *with_ranges(demand, std::vector<WantedRange>{{200, 1}}, {}, size_unknown);
  EXPECT_EQ(more.asked, (std::vector<Extent>{{500, 600}, {0, 10}, {200, 201}}));
}

TEST(Demand, LeavesOutWhatIsHeldOrAskedForAlready) {
  const Demand demand = asking({{0, 100}, {50, 100}}, holding({{20, 30}, {120, 130}}));
  EXPECT_EQ(demand.asked, (std::vector<Extent>{{0, 20}, {30, 100}, {100, 120}, {130, 150}}));
  EXPECT_TRUE(asking({{20, 10}}, holding({{20, 30}})).asked.empty());
}

TEST(Demand, ThatCameWrongIsAskedForAgainAheadOfTheRestOfIt) {
  const Demand missing = without(asking({{500, 100}, {0, 10}}), holding({{500, 550}}), 1000);
  EXPECT_EQ(asked_again(missing, holding({{500, 550}}), 1000).asked,
            (std::vector<Extent>{{500, 550}, {550, 600}, {0, 10}}));
  EXPECT_EQ(asked_again(missing, holding({{500, 600}}), 1000).asked, (std::vector<Extent>{{500, 600}, {0, 10}}));
}

TEST(Demand, RefusesWhatIsNotInsideTheFile) {
  EXPECT_EQ(refusal({}), Code::E_INVALIDARG);
  EXPECT_EQ(refusal({{0, 0}}), Code::BG_E_INVALID_RANGE);
  EXPECT_EQ(refusal({{UINT64_MAX, 1}}), Code::BG_E_INVALID_RANGE);
  EXPECT_EQ(refusal({{1, UINT64_MAX - 1}}), Code::BG_E_INVALID_RANGE);
  EXPECT_EQ(refusal({{UINT64_MAX - 5, 10}}), Code::BG_E_INVALID_RANGE);
  EXPECT_EQ(refusal({{UINT64_MAX, to_end_of_file}}), Code::BG_E_INVALID_RANGE);
  EXPECT_EQ(refusal({{0, 10}, {90, 11}}, 100), Code::BG_E_INVALID_RANGE);
  EXPECT_EQ(refusal({{100, to_end_of_file}}, 100), Code::BG_E_INVALID_RANGE);
  EXPECT_EQ(asking({{90, 10}}, {}, 100).asked, (std::vector<Extent>{{90, 100}}));
  EXPECT_EQ(asking({{90, to_end_of_file}}, {}, 100).asked, (std::vector<Extent>{{90, 100}}));
  EXPECT_EQ(with_position({}, 101, 100).error().code, Code::BG_E_INVALID_RANGE);
  EXPECT_EQ(with_position({}, 100, 100)->position, 100U);
  EXPECT_EQ(with_position({}, UINT64_MAX, size_unknown).error().code, Code::BG_E_INVALID_RANGE);
}

TEST(Demand, HasABoundHoweverLittleIsAskedForAtATime) {
  std::vector<WantedRange> ranges;
  for (std::uint64_t n = 0; n <= asked_max; ++n) ranges.push_back({2 * n, 1});
  EXPECT_EQ(refusal(ranges), Code::BG_E_TOO_MANY_RANGES_IN_FILE);
  ranges.pop_back();
  EXPECT_EQ(asking(ranges).asked.size(), asked_max);
}

TEST(Demand, ShrinksWithWhatArrives) {
  const Demand demand = asking({{0, 100}, {500, to_end_of_file}});
  EXPECT_EQ(without(demand, holding({{0, 40}, {60, 100}}), size_unknown).asked,
            (std::vector<Extent>{{40, 60}, {500, end_of_file}}));
  EXPECT_EQ(without(demand, holding({{0, 100}}), 600).asked, (std::vector<Extent>{{500, 600}}));
  EXPECT_TRUE(without(demand, holding({{0, 100}, {500, 600}}), 600).asked.empty());
}

TEST(Demand, WhatIsAskedForComesFirstAndAlone) {
  const Demand demand = asking({{500, 100}, {0, 10}});
  EXPECT_EQ(*next_gap({}, demand, {}, 1000), (Gap{.place = 500, .from = 500, .until = 600}));
  EXPECT_EQ(*next_gap({}, demand, holding({{500, 600}}), 1000),
            (Gap{.place = 0, .from = 0, .until = 10}));
  EXPECT_FALSE(next_gap({}, demand, holding({{0, 10}, {500, 600}}), 1000));
}

TEST(Demand, WhatLiesInFrontOfAGapBehindAnotherIsNotCompared) {
  const Demand demand = asking({{500, 100}});
  EXPECT_EQ(next_gap({}, demand, holding({{0, 500}}), 1000)->before, 500U);
  EXPECT_EQ(next_gap({}, demand, holding({{0, 10}, {400, 500}}), 1000)->before, 100U);
}

TEST(Demand, AGapToTheEndHasNoEnd) {
  const Demand demand = asking({{500, to_end_of_file}});
  EXPECT_FALSE(next_gap({}, demand, {}, size_unknown)->until);
  EXPECT_FALSE(next_gap({}, demand, {}, 1000)->until);
}

TEST(Demand, TheRestComesFromThePositionOnAndThenFromTheBegin) {
  const Demand demand{.asked = {}, .position = 700};
  EXPECT_EQ(*next_gap({}, demand, {}, 1000), (Gap{.place = 700, .from = 700}));
  EXPECT_EQ(*next_gap({}, demand, holding({{800, 900}}), 1000),
            (Gap{.place = 700, .from = 700, .until = 800}));
  EXPECT_EQ(*next_gap({}, demand, holding({{700, 1000}}), 1000),
            (Gap{.place = 0, .from = 0, .until = 700}));
  EXPECT_FALSE(next_gap({}, demand, holding({{0, 1000}}), 1000));
}

TEST(Demand, IsReadAsItIsWritten) {
  const std::vector<Extent> asked{{500, 600}, {0, 10}, {700, end_of_file}};
  EXPECT_EQ(text_of(asked), "500-600,0-10,700-");
  EXPECT_EQ(parse_asked("500-600,0-10,700-"), asked);
  EXPECT_TRUE(parse_asked("")->empty());
  for (const char* wrong : {"5", "5-5", "6-5", "-5", "5-6,", ",", "05-6", "5-6 ", "a-b"})
    EXPECT_FALSE(parse_asked(wrong)) << wrong;
}

TEST(Demand, FitsAFileThatHasAllOfIt) {
  const Demand demand = asking({{500, 100}, {700, to_end_of_file}});
  EXPECT_TRUE(fits(demand.asked, 701));
  EXPECT_FALSE(fits(demand.asked, 700));
  EXPECT_FALSE(fits(demand.asked, 599));
  EXPECT_TRUE(fits(demand.asked, size_unknown));
}

}  // namespace
}  // namespace backhaul::core
