// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <utility>

#include "adapters/sqlite/database.h"

namespace backhaul::sqlite {

// A database without a file.
inline Database memory() {
  auto database = Database::open(":memory:");
  EXPECT_TRUE(database) << database.error().text;
  return std::move(*database);
}

}  // namespace backhaul::sqlite
