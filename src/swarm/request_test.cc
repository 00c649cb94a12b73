// SPDX-License-Identifier: Apache-2.0
#include "swarm/request.h"

#include <gtest/gtest.h>

namespace backhaul::swarmd {
namespace {

Answer get(std::string_view range) { return answer_to({.method = "GET", .range = range}, 1000); }

TEST(SwarmRequestTest, ARangeIsThatOfTheFile) {
  struct Case {
    std::string_view range;
    unsigned int status;
    std::uint64_t from, length;
  };
  constexpr Case cases[]{
      {"", 200, 0, 1000},           {"bytes=0-0", 206, 0, 1},       {"bytes=10-", 206, 10, 990},
      {"bytes=10-19", 206, 10, 10}, {"bytes=-5", 206, 995, 5},      {"bytes=-5000", 206, 0, 1000},
      {"bytes=990-2000", 206, 990, 10}, {"bytes=0-18446744073709551615", 206, 0, 1000},
  };
  for (const Case& one : cases) {
    const Answer answer = get(one.range);
    EXPECT_EQ(answer.status, one.status) << one.range;
    EXPECT_EQ(answer.from, one.from) << one.range;
    EXPECT_EQ(answer.length, one.length) << one.range;
  }
  EXPECT_EQ(content_range_of(get("bytes=10-19"), 1000), "bytes 10-19/1000");
}

TEST(SwarmRequestTest, NoOctetOfTheFileIs416) {
  for (const char* range : {"bytes=1000-", "bytes=1000-1001", "bytes=-0"}) EXPECT_EQ(get(range).status, 416U) << range;
  EXPECT_EQ(content_range_of(get("bytes=1000-"), 1000), "bytes */1000");
}

TEST(SwarmRequestTest, WhatIsNoRangeMeansTheWhole) {
  for (const char* range : {"bytes", "bytes=", "bytes=-", "bytes=5", "bytes=9-5", "bytes=0-1,5-6", "bytes=a-b",
                            "octets=0-1", "bytes=99999999999999999999-", "bytes= 0-1"})
    EXPECT_EQ(get(range).status, 200U) << range;
  EXPECT_EQ(content_range_of(get(""), 1000), "");
}

TEST(SwarmRequestTest, AHeadIsThatOfAGetAndNothingElseIsAnswered) {
  const Answer head = answer_to({.method = "HEAD", .range = "bytes=10-19"}, 1000);
  EXPECT_EQ(head.status, 206U);
  EXPECT_EQ(head.length, 10U);
  EXPECT_EQ(answer_to({.method = "PUT", .range = {}}, 1000).status, 405U);
}

}  // namespace
}  // namespace backhaul::swarmd
