// SPDX-License-Identifier: Apache-2.0
#include "engine/clocks.h"

#include <chrono>

namespace backhaul::engine {
namespace {

// Two clocks are read one after the other; only somebody who sets one moves it so far.
constexpr base::Microseconds slack = std::chrono::milliseconds(500);

base::Microseconds wall_ahead(const base::Instant& now) {
  return now.wall.time_since_epoch() - now.boot.time_since_epoch();
}

}  // namespace

base::Instant Clocks::this_moment() const {
  base::Instant now = clock_.now();
  now.service = service_began_ + (now.boot - boot_began_);
  return now;
}

void Clocks::read() {
  now_ = this_moment();
  const base::Microseconds ahead = wall_ahead(now_);
  if (ahead - wall_ahead_ > slack || wall_ahead_ - ahead > slack) wall_ahead_ = ahead;
}

// By what the queue keeps of it and by no row: one of a damaged row would be over everybody's time.
void Clocks::start(const ports::Snapshot& snapshot) {
  boot_id_ = base::boot_id_of(clock_.boot_id());
  boot_began_ = clock_.now().boot;
  service_began_ = snapshot.service_time;
  kept_ = service_began_;
  read();
}

base::WallTime Clocks::on_wall_clock(base::BootTime time, const base::Instant& now) const {
  base::Microseconds ahead = wall_ahead(now);
  if (ahead - wall_ahead_ <= slack && wall_ahead_ - ahead <= slack) ahead = wall_ahead_;
  return base::WallTime(time.time_since_epoch() + ahead);
}

}  // namespace backhaul::engine
