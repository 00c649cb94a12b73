// SPDX-License-Identifier: Apache-2.0
// Sleep, as systemd-logind tells of it. A delay inhibitor holds the machine until what was received is
// stored, and never longer than a second; a block inhibitor holds it awake while somebody wants that.
#pragma once

#include <functional>

#include "base/log.h"
#include "bus/bus.h"
#include "loop/loop.h"

namespace backhaul::machine {

class SleepGuard {
 public:
  // `changed` is called when the machine is about to sleep, and when it is awake again.
  SleepGuard(loop::Loop& loop, bus::Bus& bus, base::Log& log, bool keep_awake,
             std::function<void()> changed);
  SleepGuard(const SleepGuard&) = delete;
  SleepGuard& operator=(const SleepGuard&) = delete;

  bool going_to_sleep() const { return going_to_sleep_; }
  void let_sleep();
  void keep_awake(bool awake);

 private:
  void delay();
  void block();
  void prepare_for_sleep(bool begins);
  void logind_gone();

  bus::Bus& bus_;
  base::Log& log_;
  const std::function<void()> changed_;
  bool going_to_sleep_ = false;
  bool keep_awake_ = false;
  bus::FileDescriptor delay_, block_;
  loop::Timer limit_;
  loop::Loop& loop_;
  bus::Slot owner_, signal_, delay_call_, block_call_;
};

}  // namespace backhaul::machine
