// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/pace.h"

#include <gtest/gtest.h>

#include "adapters/neighbours/link_speed.h"
#include "tests/support/temp_dir.h"

namespace backhaul::neighbours {
namespace {

using namespace std::chrono_literals;

// What goes in this time by whoever takes what he gets.
std::uint64_t taken_in(std::uint64_t bits, std::chrono::seconds period) {
  Pace pace;
  Pace::Clock::time_point now{1h};
  const Pace::Clock::time_point end = now + period;
  pace.set(bits, now);
  std::uint64_t all = 0;
  while (now < end) {
    const std::size_t got = pace.take(16384, now);
    all += got;
    if (got == 0) {
      EXPECT_GT(pace.next(), now) << "nobody turns in circles";
      now = pace.next();
    }
  }
  return all;
}

TEST(Pace, P10_NeverGivesMoreThanItsRateOverTenSeconds) {
  for (const std::uint64_t bits : {64'000U, 1'000'000U, 8'000'000U, 300'000'000U}) {
    const std::uint64_t all = taken_in(bits, 10s);
    EXPECT_LE(all, bits * 10 / 8) << bits;
    EXPECT_GE(all, bits * 10 / 8 * 85 / 100) << bits;
  }
}

TEST(Pace, APauseIsNoRightToALump) {
  Pace pace;
  Pace::Clock::time_point now{1h};
  pace.set(8'000'000, now);
  now += 1h;
  std::uint64_t all = 0;
  while (const std::size_t got = pace.take(16384, now)) all += got;
  EXPECT_LE(all, 100'000U);
}

TEST(LinkSpeed, IsThatOfTheSlowestThatIsUp) {
  const test::TempDir folder;
  const auto add = [&](const std::string& name, const char* state, const char* speed) {
    std::filesystem::create_directories(folder / name);
    test::write_file(folder / (name + "/operstate"), state);
    test::write_file(folder / (name + "/speed"), speed);
  };
  EXPECT_EQ(slowest_link(folder.path()), 0U);
  add("lo", "unknown", "10");
  add("eth0", "up", "1000\n");
  add("eth1", "down", "100\n");
  add("eth2", "up", "-1\n");
  add("eth3", "up", "2500\n");
  EXPECT_EQ(slowest_link(folder.path()), 1'000'000'000U);
  EXPECT_EQ(slowest_link(folder / "nothing"), 0U);
}

}  // namespace
}  // namespace backhaul::neighbours
