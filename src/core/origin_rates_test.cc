// SPDX-License-Identifier: Apache-2.0
#include "core/origin_rates.h"

#include <gtest/gtest.h>

#include <chrono>

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;

TEST(OriginRates, TheLastFilesCountMostAndWhatWasOverAtOnceNothing) {
  OriginRates rates;
  EXPECT_EQ(rates.of("http://host:80"), 0U);
  rates.note("http://host:80", 1'000'000, 1999ms);
  rates.note("", 1'000'000, 10s);
  rates.note("http://host:80", 0, 10s);
  EXPECT_EQ(rates, OriginRates());
  rates.note("http://host:80", 20'000, 10s);
  EXPECT_EQ(rates.of("http://host:80"), 2000U);
  rates.note("http://host:80", 10'000, 10s);
  EXPECT_EQ(rates.of("http://host:80"), 1500U);
}

TEST(OriginRates, OnlySoManyAreRemembered) {
  OriginRates rates;
  std::size_t known = 0;
  for (std::size_t i = 0; i < OriginRates::origins_max + 9; ++i) rates.note(std::to_string(i), 100, 2s);
  for (std::size_t i = 0; i < OriginRates::origins_max + 9; ++i) known += rates.of(std::to_string(i)) != 0 ? 1 : 0;
  EXPECT_EQ(known, OriginRates::origins_max);
}

}  // namespace
}  // namespace backhaul::core
