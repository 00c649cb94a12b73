// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "loop/loop.h"

namespace backhaul::loop {

// Runs the loop until `done` holds; false when it did not within the patience of a test.
template <class Condition>
bool run_until(Loop& loop, Condition done) {
  const base::BootTime limit = loop.now() + std::chrono::seconds(60);
  while (!done() && loop.now() < limit) loop.run_once(std::chrono::milliseconds(100));
  return done();
}

}  // namespace backhaul::loop
