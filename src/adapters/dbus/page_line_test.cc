// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/page_line.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace backhaul::dbus {
namespace {

TEST(PageLine, UsersTakeTurnsAndOfEachTheFirstComesFirst) {
  PageLine<std::string> line;
  for (const char* turn : {"a1", "a2", "a3", "a4"}) line.add(1000, turn);
  EXPECT_EQ(line.take(), "a1");
  line.add(1001, "b1");
  line.add(1002, "c1");
  line.add(1001, "b2");
  std::string order;
  while (!line.empty()) order += line.take() + " ";
  EXPECT_EQ(order, "a2 b1 c1 a3 b2 a4 ");
}

TEST(PageLine, WhoComesBackIsBehindTheOthers) {
  PageLine<std::unique_ptr<int>> line;
  line.add(1000, std::make_unique<int>(1));
  EXPECT_EQ(*line.take(), 1);
  EXPECT_TRUE(line.empty());
  line.add(1001, std::make_unique<int>(2));
  line.add(1000, std::make_unique<int>(3));
  EXPECT_EQ(*line.take(), 2);
  EXPECT_EQ(*line.take(), 3);
}

}  // namespace
}  // namespace backhaul::dbus
