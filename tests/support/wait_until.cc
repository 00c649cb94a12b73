// SPDX-License-Identifier: Apache-2.0
#include "tests/support/wait_until.h"

#include <algorithm>

namespace backhaul::test {

using namespace std::chrono_literals;

bool wait_until(loop::Loop& loop, const std::function<bool()>& condition,
                base::Microseconds limit) {
  const base::BootTime end = loop.now() + limit;
  while (!condition()) {
    const base::Microseconds left = end - loop.now();
    if (left <= 0us) return condition();
    loop.run_once(std::min<base::Microseconds>(left, 20ms));
  }
  return true;
}

void run_for(loop::Loop& loop, base::Microseconds period) {
  const base::BootTime end = loop.now() + period;
  for (base::Microseconds left = period; left > 0us; left = end - loop.now()) loop.run_once(left);
}

}  // namespace backhaul::test
