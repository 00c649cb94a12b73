// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/timeline.h"

#include "base/result.h"

namespace backhaul::sim {

void Timeline::put(base::Microseconds delay, std::uint64_t life, Callback callback) {
  BH_ASSERT(delay >= base::Microseconds::zero());
  queue_.emplace(std::pair{now_ + delay, ++number_}, Entry{life, std::move(callback)});
}

void Timeline::run_next() {
  auto node = queue_.extract(queue_.begin());
  skip_to(node.key().first);
  ++happened_;
  if (node.mapped().life == 0 || node.mapped().life == life_) node.mapped().callback();
}

}  // namespace backhaul::sim
