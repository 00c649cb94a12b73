// SPDX-License-Identifier: Apache-2.0
#include "core/size_text.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

TEST(SizeText, IsThatOfTheCommand) {
  EXPECT_EQ(size_text(0), "0B");
  EXPECT_EQ(size_text(999), "999B");
  EXPECT_EQ(size_text(1000), "1.0K");
  EXPECT_EQ(size_text(40'370'176), "38.5M");
  EXPECT_EQ(size_text(1'048'523), "1.0M") << "no unit has four digits before the point";
  EXPECT_EQ(size_text(UINT64_MAX), "16.0E");
}

}  // namespace
}  // namespace backhaul::core
