// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/gate.h"

#include <algorithm>
#include <utility>

#include "base/result.h"

namespace backhaul::posix {

void Gate::enter_file(const base::JobId& job, std::uint32_t index, Go go) {
  enter(job, {index, std::move(go)});
}

void Gate::enter_job(const base::JobId& job, Go go) { enter(job, {{}, std::move(go)}); }

void Gate::enter(const base::JobId& id, Waiting waiting) {
  jobs_[id].waiting.push_back(std::move(waiting));
  advance(id);
}

void Gate::leave_file(const base::JobId& job, std::uint32_t index) {
  BH_ASSERT(jobs_.at(job).files.erase(index) == 1);
  advance(job);
}

void Gate::leave_job(const base::JobId& job) {
  BH_ASSERT(std::exchange(jobs_.at(job).whole, false));
  advance(job);
}

bool Gate::busy(const base::JobId& job, std::uint32_t index) const {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return false;
  const Job& state = found->second;
  return state.whole || state.files.contains(index) ||
         std::ranges::any_of(state.waiting, [index](const Waiting& waiting) {
           return waiting.index.value_or(index) == index;
         });
}

void Gate::advance(const base::JobId& id) {
  for (;;) {
    // Looked up each time: `go` may enter and leave on its own.
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    std::optional<Waiting> next = take_next(found->second);
    if (!next) {
      const Job& job = found->second;
      if (job.files.empty() && !job.whole && job.waiting.empty()) jobs_.erase(found);
      return;
    }
    next->go();
  }
}

// The first that nobody before it, inside or waiting, is in the way of.
std::optional<Gate::Waiting> Gate::take_next(Job& job) {
  if (job.whole) return {};
  std::set<std::uint32_t> taken = job.files;
  for (auto it = job.waiting.begin(); it != job.waiting.end(); ++it) {
    const bool free = it->index ? !taken.contains(*it->index) : taken.empty();
    if (free) {
      Waiting next = std::move(*it);
      job.waiting.erase(it);
      if (next.index)
        job.files.insert(*next.index);
      else
        job.whole = true;
      return next;
    }
    if (!it->index) return {};
    taken.insert(*it->index);
  }
  return {};
}

}  // namespace backhaul::posix
