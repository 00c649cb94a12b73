// SPDX-License-Identifier: Apache-2.0
// Tells systemd, if it wants to know, that the loop still runs.
#pragma once

#include "base/time.h"
#include "loop/loop.h"

namespace backhaul::daemon {

class Watchdog {
 public:
  explicit Watchdog(loop::Loop& loop);

 private:
  void beat();

  loop::Loop& loop_;
  base::Microseconds interval_{};
  loop::Timer timer_;
};

}  // namespace backhaul::daemon
