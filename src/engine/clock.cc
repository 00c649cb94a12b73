// SPDX-License-Identifier: Apache-2.0
// The three clocks of a turn, and what is shown of them: the service's own counts only while it runs
// and is kept with every commit, so that nothing that ends a job asks the clock on the wall.
#include <algorithm>

#include "engine/engine.h"

namespace backhaul::engine {

base::Instant Engine::instant() const {
  base::Instant now = ports_.clock.now();
  now.service = service_began_ + (now.boot - boot_began_);
  return now;
}

void Engine::read_clock() {
  now_ = instant();
  // The two clocks are read one after the other; only somebody who sets the clock moves it so far.
  constexpr base::Microseconds slack = std::chrono::milliseconds(500);
  const base::Microseconds ahead = now_.wall.time_since_epoch() - now_.boot.time_since_epoch();
  if (ahead - wall_ahead_ > slack || wall_ahead_ - ahead > slack) wall_ahead_ = ahead;
}

// A queue that was salvaged may have lost the reading, but no row is from the future.
void Engine::start_clock(const ports::Snapshot& snapshot) {
  boot_began_ = now_.boot;
  service_began_ = snapshot.service_time;
  for (const core::Job& job : snapshot.jobs) {
    service_began_ = std::max(service_began_, job.active);
    if (job.stuck) service_began_ = std::max(service_began_, job.stuck->since);
  }
  kept_ = service_began_;
  read_clock();
}

base::BootTime Engine::on_boot_clock(base::ServiceTime time) const {
  return boot_began_ + (time - service_began_);
}

// For people. It follows a clock that was set, also since the last turn: a moment that was written
// down before would be years away from it.
base::WallTime Engine::on_wall_clock(base::BootTime time, const base::Instant& now) const {
  constexpr base::Microseconds slack = std::chrono::milliseconds(500);
  base::Microseconds ahead = now.wall.time_since_epoch() - now.boot.time_since_epoch();
  if (ahead - wall_ahead_ <= slack && wall_ahead_ - ahead <= slack) ahead = wall_ahead_;
  return base::WallTime(time.time_since_epoch() + ahead);
}

}  // namespace backhaul::engine
