// SPDX-License-Identifier: Apache-2.0
// Waiting in tests: the loop runs until the condition holds. There is no polling interval to tune;
// the limit is only how long a broken test takes.
#pragma once

#include <functional>

#include "loop/loop.h"

namespace backhaul::test {

inline constexpr base::Microseconds patience = std::chrono::seconds(60);

// False when the condition did not come to hold in time. What changes it must be something the loop
// sees; for what another thread changes the condition is looked at every 20 ms as well.
[[nodiscard]] bool wait_until(loop::Loop& loop, const std::function<bool()>& condition,
                              base::Microseconds limit = patience);
// Runs the loop for this long: for "nothing more happens", never for "by then it has happened".
void run_for(loop::Loop& loop, base::Microseconds period);

}  // namespace backhaul::test
