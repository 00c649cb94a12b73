// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/readers.h"

#include <algorithm>
#include <utility>

namespace backhaul::posix {

void Readers::submit(loop::Worker::Work work) {
  const auto backlog = [](const std::unique_ptr<loop::Worker>& thread) { return thread->backlog(); };
  const auto idlest = std::ranges::min_element(threads_, {}, backlog);
  const bool free = idlest != threads_.end() && (*idlest)->backlog() == 0;
  if (free || threads_.size() == most_) return (*idlest)->submit(std::move(work));
  threads_.push_back(std::make_unique<loop::Worker>(loop_, 1));
  threads_.back()->submit(std::move(work));
}

}  // namespace backhaul::posix
