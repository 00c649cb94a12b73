// SPDX-License-Identifier: Apache-2.0
// When to bring back a service that left the bus although somebody here waits to be called by it.
// Its guardian or the manager of services is quicker as a rule, so the first attempt waits a
// moment; later ones pause longer and longer, also when it comes and goes. I/O thread only.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/time.h"
#include "loop/loop.h"

namespace backhaul::client {

class Revival {
 public:
  static constexpr base::Microseconds first_pause = std::chrono::milliseconds(500);
  static constexpr base::Microseconds longest_pause = std::chrono::seconds(30);
  // Who stayed for so long is not one of those that come and go.
  static constexpr base::Microseconds settled = std::chrono::minutes(1);

  Revival(loop::Loop& loop, loop::Callback attempt)
      : loop_(loop), timer_(loop, std::chrono::milliseconds(50), std::move(attempt)) {}

  void service_went() {
    if (loop_.now() - came_ >= settled) pause_ = first_pause;
    failed();
  }
  void service_came() {
    timer_.disarm();
    came_ = loop_.now();
  }
  // It did not come: once more, later.
  void failed() {
    timer_.arm(loop_.now() + pause_);
    pause_ = std::min(2 * pause_, longest_pause);
  }

 private:
  loop::Loop& loop_;
  loop::Timer timer_;
  base::BootTime came_{};
  base::Microseconds pause_ = first_pause;
};

}  // namespace backhaul::client
