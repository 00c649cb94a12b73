// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace backhaul::base {
namespace {

constexpr const char* hyphenated = "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9";
constexpr const char* hex = "8c1b7e526a0d4c3f9e7751d2a4b0c6f9";

TEST(JobId, ReadsEveryWayToWriteIt) {
  const auto id = parse_job_id(hyphenated);
  ASSERT_TRUE(id);
  EXPECT_EQ(to_string(*id), hyphenated);
  EXPECT_EQ(to_hex(*id), hex);
  EXPECT_EQ(parse_job_id(hex), id);
  EXPECT_EQ(parse_job_id("{8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9}"), id);
  EXPECT_EQ(parse_job_id("8C1B7E52-6A0D-4C3F-9E77-51D2A4B0C6F9"), id);
  EXPECT_EQ(parse_job_id("{8C1B7E526A0D4C3F9E7751D2A4B0C6F9}"), id);
}

TEST(JobId, RefusesWhatIsNone) {
  for (const char* text :
       {"", "{}", "8c1b7e52", "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f",
        "8c1b7e526a0d4c3f9e7751d2a4b0c6f",
        "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6fg", "8c1b7e526-a0d-4c3f-9e77-51d2a4b0c6f9",
        "{8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9", "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9}",
        "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9 ", "----8c1b7e526a0d4c3f9e7751d2a4b0c6f9"})
    EXPECT_FALSE(parse_job_id(text)) << text;
}

TEST(JobId, TextFormsRoundTrip) {
  Prng random(20);
  for (int i = 0; i < 500; ++i) {
    JobId id;
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random.next());
    EXPECT_EQ(parse_job_id(to_string(id)), id);
    EXPECT_EQ(parse_job_id(to_hex(id)), id);
  }
}

TEST(Prng, SameSeedSameWorld) {
  Prng a(7), b(7), c(8);
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.next(), c.next());
  EXPECT_EQ(Prng(1).below(0), 0U);
  EXPECT_EQ(Prng(0).next(), 0xE220A8397B1DCDAFU);  // splitmix64's published first number
}

}  // namespace
}  // namespace backhaul::base
