// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/mount_threads.h"

#include <algorithm>
#include <utility>

namespace backhaul::posix {

MountThreads::MountThreads(loop::Loop& loop, MountThreadLimits limits)
    : loop_(loop),
      limits_(limits),
      out_of_patience_(loop, limits.patience / 20, [this] { go_on(); }),
      worker_(loop, limits.in_all) {}

void MountThreads::submit(Place place, loop::Worker::Work work) {
  waiting_.push_back({std::move(place), std::move(work)});
  go_on();
}

void MountThreads::go_on() {
  const base::BootTime now = loop_.now();
  const auto gives_up_at = [this](const Running& one) { return one.began + limits_.patience; };
  auto at_work = std::ranges::count_if(running_, [&](const Running& one) { return gives_up_at(one) > now; });
  for (auto next = waiting_.begin(); next != waiting_.end() && at_work < limits_.at_work;) {
    if (!may_begin(next->place)) {
      ++next;
      continue;
    }
    begin(std::move(*next));
    next = waiting_.erase(next);
    ++at_work;
  }
  base::BootTime next = base::never;
  for (const Running& one : running_)
    if (!waiting_.empty() && gives_up_at(one) > now) next = std::min(next, gives_up_at(one));
  out_of_patience_.arm(next);
}

bool MountThreads::may_begin(const Place& place) const {
  if (running_.size() >= limits_.in_all) return false;
  const auto there = [&](const Running& one) { return one.place == place; };
  const auto of_owner = [&](const Running& one) { return one.place.owner == place.owner; };
  if (!place.mount.empty() && std::ranges::count_if(running_, there) >= limits_.on_one_mount) return false;
  return std::ranges::count_if(running_, of_owner) < limits_.of_owner;
}

void MountThreads::begin(Waiting one) {
  const auto running = running_.insert(running_.end(), {std::move(one.place), loop_.now()});
  worker_.submit([this, running, work = std::move(one.work)]() mutable {
    return [this, running, done = work()]() mutable {
      running_.erase(running);
      go_on();
      if (done) done();
    };
  });
}

}  // namespace backhaul::posix
