// SPDX-License-Identifier: Apache-2.0
// Conversations about files that are read at random (files.md §8).
#include <vector>

#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;

RemoteRecord asking_for(std::vector<Extent> asked, Extents stored = {}, bool given_out = false) {
  RemoteRecord record = held();
  record.held = std::move(stored);
  record.demand.asked = std::move(asked);
  record.given_out = given_out;
  return record;
}

TEST(RandomAccess, WhatIsAskedForIsAllThatIsFetched) {
  Talk talk(asking_for({{700'000, 700'100}, {0, 10}}));
  EXPECT_EQ(talk.asked(), "700000-700099");
  EXPECT_USE(talk.answer({partial, range(700'000, 700'099), dated, v1}), append);
  EXPECT_EQ(talk.body().place, 700'000U);
  EXPECT_TRUE(talk.end(100));
  EXPECT_EQ(talk.asked(), "0-9 if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(0, 9), dated, v1}), append);
  EXPECT_FALSE(talk.end(10));
  EXPECT_TRUE(talk.done());
  EXPECT_TRUE(talk.ending->asked_only);
}

TEST(RandomAccess, WhatMakesTheFileWholeIsNoPart) {
  Talk talk(asking_for({{half, size}}, Extents::until(half)));
  EXPECT_EQ(talk.asked(), "400000- if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(half), dated, v1}), append);
  EXPECT_FALSE(talk.end(size - half));
  EXPECT_TRUE(talk.done());
  EXPECT_FALSE(talk.ending->asked_only);
}

TEST(RandomAccess, AShortRangeIsContinued) {
  Talk talk(asking_for({{700'000, 700'100}}));
  EXPECT_USE(talk.answer({partial, range(700'000, 700'049), dated, v1}), append);
  EXPECT_TRUE(talk.end(50));
  EXPECT_EQ(talk.asked(), "700050-700099 if \"v1\"");
}

TEST(RandomAccess, AServerWithoutRangesEndsIt) {
  Talk first(asking_for({{700'000, 700'100}}));
  EXPECT_FALSE(first.dropped({ok, all, dated, v1}));
  EXPECT_EQ(first.code(), Code::BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
  Talk later(asking_for({{700'000, 700'100}}, Extents::until(half)));
  EXPECT_TRUE(later.dropped({ok, all, dated, v1}));
  EXPECT_EQ(later.asked(), "700000-700099");
  EXPECT_FALSE(later.dropped({ok, all, dated, v1}));
  EXPECT_EQ(later.code(), Code::BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
}

TEST(RandomAccess, OutsideOfTheFileIsAnInvalidRange) {
  Talk behind(asking_for({{size, size + 10}}));
  EXPECT_FALSE(behind.dropped({outside, "Content-Range: bytes */1000000"}));
  EXPECT_EQ(behind.code(), Code::BG_E_INVALID_RANGE);
  Talk across(asking_for({{size - 5, size + 5}}));
  EXPECT_FALSE(across.dropped({partial, range(size - 5), dated, v1}));
  EXPECT_EQ(across.code(), Code::BG_E_INVALID_RANGE);
}

TEST(RandomAccess, AnotherVersionIsToldWhereSomethingWasGivenOut) {
  Talk given(asking_for({{700'000, 700'100}}, Extents::until(half), true));
  EXPECT_FALSE(given.dropped({partial, range(700'000, 700'099), redated, v2}));
  EXPECT_EQ(given.code(), Code::BG_E_REMOTE_FILE_CHANGED);
  Talk kept(asking_for({{700'000, 700'100}}, Extents::until(half)));
  EXPECT_TRUE(kept.dropped({partial, range(700'000, 700'099), redated, v2}));
  EXPECT_EQ(kept.asked(), "700000-700099");
  EXPECT_USE(kept.answer({partial, range(700'000, 700'099), redated, v2}), anew);
  EXPECT_EQ(kept.body().place, 700'000U);
}

TEST(RandomAccess, FromAPositionOnTheRestComesAndThenWhatLiesBeforeIt) {
  RemoteRecord record = asking_for({});
  record.demand.position = 700'000;
  Talk talk(record);
  EXPECT_EQ(talk.asked(), "700000-");
  EXPECT_USE(talk.answer({partial, range(700'000), dated, v1}), append);
  EXPECT_TRUE(talk.end(300'000));
  EXPECT_EQ(talk.asked(), "0-699999 if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(0, 699'999), dated, v1}), append);
  EXPECT_FALSE(talk.end(700'000));
  EXPECT_TRUE(talk.done());
  EXPECT_FALSE(talk.ending->asked_only);
}

TEST(RandomAccess, APositionDoesNotNeedRanges) {
  RemoteRecord record = asking_for({});
  record.demand.position = 700'000;
  Talk whole(record);
  EXPECT_USE(whole.answer({ok, all, dated}), append);
  EXPECT_EQ(whole.body().place, 0U);
  EXPECT_FALSE(whole.end(size));
  EXPECT_TRUE(whole.done());
  record.demand.position = size;
  Talk behind(record);
  EXPECT_EQ(behind.asked(), "1000000-");
  EXPECT_TRUE(behind.dropped({outside, "Content-Range: bytes */1000000"}));
  EXPECT_EQ(behind.asked(), "whole");
  EXPECT_USE(behind.answer({ok, all, dated}), append);
  EXPECT_FALSE(behind.end(size));
  EXPECT_TRUE(behind.done());
}

}  // namespace
}  // namespace backhaul::core
