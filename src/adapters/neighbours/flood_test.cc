// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/flood.h"

#include <gtest/gtest.h>

#include <string>

namespace backhaul::neighbours {
namespace {

using namespace std::chrono_literals;

std::size_t borne(Flood& flood, const std::string& from, Flood::Clock::time_point now, std::size_t asked) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < asked; ++i) count += flood.bears(from, now) ? 1 : 0;
  return count;
}

TEST(FloodTest, WhoAsksMoreThanAnybodyNeedsToIsDropped) {
  Flood flood;
  const Flood::Clock::time_point begin{1h};
  EXPECT_EQ(borne(flood, "one", begin, 10'000), 4000U);
  EXPECT_EQ(borne(flood, "one", begin + 1s, 10'000), 200U);
  EXPECT_EQ(borne(flood, "other", begin + 1s, 10), 10U) << "nobody else pays for it";
  EXPECT_EQ(borne(flood, "one", begin + 1h, 10'000), 4000U) << "nor does it for ever";
}

TEST(FloodTest, ManyAddressesDoNotFillTheMemoryAndWhoIsActiveIsNotForgotten) {
  Flood flood;
  Flood::Clock::time_point now{1h};
  const std::string first = "!";  // by its name
  const std::string last = "~";
  for (const std::string& active : {first, last}) borne(flood, active, now, 10'000);
  for (std::size_t i = 0; i < 10 * Flood::most_known; ++i) {
    flood.bears(std::to_string(i), now += 1us);
    for (const std::string& active : {first, last})
      ASSERT_FALSE(flood.bears(active, now)) << active << " was forgotten behind " << i << " others";
  }
  EXPECT_EQ(flood.known(), Flood::most_known);
}

}  // namespace
}  // namespace backhaul::neighbours
