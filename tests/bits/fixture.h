// SPDX-License-Identifier: Apache-2.0
// The stage and the apartment of a test program that uses the BITS headers.
#pragma once

#include <gtest/gtest.h>

#include "tests/bits/recorder.h"
#include "tests/bits/stage.h"

namespace backhaul::test {

class World final : public ::testing::Environment {
 public:
  void SetUp() override {
    Stage::begin();
    ASSERT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), S_OK);
  }
  void TearDown() override {
    CoUninitialize();
    Stage::end();
  }
};
inline ::testing::Environment* const world = ::testing::AddGlobalTestEnvironment(new World);

}  // namespace backhaul::test
