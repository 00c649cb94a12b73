// SPDX-License-Identifier: Apache-2.0
#include "cli/ranges.h"

#include <gtest/gtest.h>

namespace backhaul::cli {
namespace {

TEST(RangesTest, AreReadAsTheyAreWritten) {
  const auto ranges = parse_ranges("200-299,0-0,500-");
  ASSERT_TRUE(ranges);
  ASSERT_EQ(ranges->size(), 3U);
  EXPECT_EQ((*ranges)[0].offset, 200U);
  EXPECT_EQ((*ranges)[0].length, 100U);
  EXPECT_EQ((*ranges)[1].length, 1U);
  EXPECT_EQ((*ranges)[2].length, to_end_of_file);
  EXPECT_EQ(ranges_text(*ranges), "200-299,0-0,500-");
}

TEST(RangesTest, WhatIsNoneIsNamed) {
  for (const char* wrong : {"", "5", "-5", "9-5", "1-2,", ",1-2", "a-b", "1-2 ", "1--2", "+1-2",
                            "18446744073709551615-", "0-18446744073709551615", "0-18446744073709551616"})
    EXPECT_FALSE(parse_ranges(wrong)) << wrong;
  EXPECT_NE(parse_ranges("0-9,9-5").error().find("\"9-5\""), std::string::npos);
}

}  // namespace
}  // namespace backhaul::cli
