// SPDX-License-Identifier: Apache-2.0
#include "daemon/watchdog.h"

#include <systemd/sd-daemon.h>

namespace backhaul::daemon {

Watchdog::Watchdog(loop::Loop& loop)
    : loop_(loop), timer_(loop, std::chrono::milliseconds(100), [this] { beat(); }) {
  std::uint64_t limit_us = 0;
  if (sd_watchdog_enabled(0, &limit_us) <= 0) return;
  interval_ = base::Microseconds(limit_us / 3);
  beat();
}

void Watchdog::beat() {
  sd_notify(0, "WATCHDOG=1");
  timer_.arm(loop_.now() + interval_);
}

}  // namespace backhaul::daemon
