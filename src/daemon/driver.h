// SPDX-License-Identifier: Apache-2.0
// Drives the engine by the loop: a turn after each burst of events, and when the engine's own clock
// asks for one; the end after a while of idleness, on a signal, or when the bus is gone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/time.h"
#include "bus/bus.h"
#include "engine/engine.h"
#include "loop/loop.h"

namespace backhaul::daemon {

struct DriverTimes {
  base::Microseconds idle_limit = std::chrono::seconds(30);  // then the service ends
  base::Microseconds stop_limit = std::chrono::seconds(2);   // for an orderly stop
  // The engine's clock, in terms of the loop's. They differ only where a test scales time.
  std::function<base::BootTime(base::BootTime)> to_loop_time = [](base::BootTime t) { return t; };
};

class Driver {
 public:
  enum class End : std::uint8_t { idle, asked, bus_lost, queue_damaged };

  Driver(loop::Loop& loop, bus::Bus& bus, base::Log& log, DriverTimes times = {});

  // What is done when somebody sends SIGHUP.
  void on_reload(std::function<void()> reload) { reload_ = std::move(reload); }
  // Who needs the service beside the engine.
  void also_needed(std::function<bool()> needed) { also_needed_ = std::move(needed); }
  // What is done when work came, or when none is left.
  void on_work(std::function<void(bool)> note) { note_work_ = std::move(note); }
  // What the engine calls when it wants a turn.
  void wake() { turn_.schedule(); }
  // Nothing can be committed any more; a new start repairs the queue.
  void give_up_queue() { stop(End::queue_damaged); }
  // Runs until the end, which is an orderly one.
  End run(engine::Engine& engine);
  // What is left of the time for it.
  base::Microseconds time_left() const;

 private:
  void turn();
  bool engine_needs_it() const { return !engine_->idle() || engine_->parts().serves_neighbours(); }
  bool is_needed() const { return engine_needs_it() || (also_needed_ && also_needed_()); }
  void watch_work();
  void watch_idleness();
  void leave_the_bus();
  void finish_leaving();
  void stop(End why);

  loop::Loop& loop_;
  bus::Bus& bus_;
  base::Log& log_;
  const DriverTimes times_;
  engine::Engine* engine_ = nullptr;
  End end_ = End::asked;
  base::BootTime limit_{};  // of an orderly stop, once it has begun
  bool stopping_ = false;
  loop::Deferred turn_;
  loop::Deferred left_;  // runs when every message that came before we left the name is handled
  loop::Timer next_turn_;
  loop::Timer idle_;
  loop::Timer stop_limit_;
  loop::Signal term_;
  loop::Signal interrupt_;
  std::function<void()> reload_;
  std::function<bool()> also_needed_;
  std::function<void(bool)> note_work_;
  std::optional<bool> noted_work_;
  loop::Signal hangup_;
  bus::Slot bus_gone_;
};

}  // namespace backhaul::daemon
