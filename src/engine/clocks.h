// SPDX-License-Identifier: Apache-2.0
// The three clocks of a turn, and what is shown of them. The service's own counts only while it runs
// and is kept with every commit, so that nothing that ends a job asks the clock on the wall.
#pragma once

#include "base/time.h"
#include "ports/environment.h"
#include "ports/store.h"

namespace backhaul::engine {

class Clocks {
 public:
  explicit Clocks(const ports::Clock& clock) : clock_(clock) {}

  // The service clock goes on from where the last life of the service left it.
  void start(const ports::Snapshot& snapshot);
  // The reading stands still until the next one.
  void read();
  const base::Instant& now() const { return now_; }
  // For reads, which come between the turns.
  base::Instant this_moment() const;

  base::StoredDeadline after(base::Microseconds period) const {
    return deadline_after(now_, boot_id_, period);
  }
  base::BootTime resolve(const base::StoredDeadline& deadline) const {
    return base::resolve(deadline, now_, boot_id_);
  }
  bool is_over(const base::StoredDeadline& deadline) const { return resolve(deadline) <= now_.boot; }
  base::BootId boot_id() const { return boot_id_; }

  base::BootTime on_boot_clock(base::ServiceTime time) const {
    return boot_began_ + (time - service_began_);
  }
  // For people. It follows a clock that was set, also since the last turn: a moment that was written
  // down before would be years away from it.
  base::WallTime on_wall_clock(base::BootTime time, const base::Instant& now) const;

  // A commit has kept this reading of the service clock: what came later a crash loses.
  void kept(base::ServiceTime time) { kept_ = time; }
  base::Microseconds not_kept() const { return now_.service - kept_; }

 private:
  const ports::Clock& clock_;
  base::Instant now_;
  base::BootId boot_id_{};
  base::BootTime boot_began_{};
  base::ServiceTime service_began_{};
  base::ServiceTime kept_{};
  base::Microseconds wall_ahead_{};  // of the boot clock; changes only when somebody sets the clock
};

}  // namespace backhaul::engine
