// SPDX-License-Identifier: Apache-2.0
// Some thousand inputs for each target, the same ones every time. How long it takes decides nothing.
#include <gtest/gtest.h>

#include "base/hex.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/targets.h"

namespace backhaul::fuzz {
namespace {

class FuzzTarget : public testing::TestWithParam<std::size_t> {};

TEST_P(FuzzTarget, TakesWhateverComes) {
  const Target& target = targets().at(GetParam());
  ASSERT_FALSE(target.seeds.empty());
  for (const std::string& seed : target.seeds) EXPECT_EQ(target.take(seed), "") << base::to_hex(seed);
  EXPECT_EQ(target.take(""), "");
  Mutator mutator(target.seeds, 20'261'104);
  for (unsigned run = 0; run < target.runs; ++run) {
    const std::string octets = mutator.next();
    ASSERT_EQ(target.take(octets), "") << "run " << run << ": " << base::to_hex(octets);
  }
}

INSTANTIATE_TEST_SUITE_P(All, FuzzTarget, testing::Range(std::size_t{0}, targets().size()),
                         [](const testing::TestParamInfo<std::size_t>& one) { return targets().at(one.param).name; });

}  // namespace
}  // namespace backhaul::fuzz
