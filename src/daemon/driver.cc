// SPDX-License-Identifier: Apache-2.0
#include "daemon/driver.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "bus/names.h"

namespace backhaul::daemon {

using std::chrono::milliseconds;

Driver::Driver(loop::Loop& loop, bus::Bus& bus, base::Log& log, DriverTimes times)
    : loop_(loop),
      bus_(bus),
      log_(log),
      times_(std::move(times)),
      turn_(loop, loop::Order::turn, [this] { turn(); }),
      left_(loop, loop::Order::idle, [this] { finish_leaving(); }),
      next_turn_(loop, milliseconds(1), [this] { turn(); }, loop::Order::turn),
      idle_(loop, milliseconds(100), [this] { leave_the_bus(); }, loop::Order::idle),
      stop_limit_(loop, milliseconds(10), [this] { loop_.exit(0); }),
      term_(loop, SIGTERM, [this] { stop(End::asked); }),
      interrupt_(loop, SIGINT, [this] { stop(End::asked); }),
      hangup_(loop, SIGHUP, [this] {
        if (reload_ && !stopping_) reload_();
      }) {}

Driver::End Driver::run(engine::Engine& engine) {
  engine_ = &engine;
  bus_gone_ = bus_.on_disconnect([this] {
    log_.write(base::LogLevel::warning, "the message bus is gone");
    stop(End::bus_lost);
  });
  wake();
  loop_.run();
  return end_;
}

base::Microseconds Driver::time_left() const {
  return std::max(limit_ - loop_.now(), base::Microseconds{});
}

void Driver::turn() {
  engine_->turn();
  const base::BootTime next = engine_->next_wakeup();
  if (next == base::never) {
    next_turn_.disarm();
  } else {
    next_turn_.arm(times_.to_loop_time(next));
  }
  watch_work();
  watch_idleness();
}

// Before a commit is answered it is noted, so that a crash behind the answer is one with work left.
void Driver::watch_work() {
  const bool work = engine_->has_work();
  if (note_work_ && noted_work_ != work) note_work_(work);
  noted_work_ = work;
}

void Driver::watch_idleness() {
  if (engine_needs_it()) {
    idle_.disarm();
  } else if (!idle_.armed() && !stopping_) {
    idle_.arm(loop_.now() + times_.idle_limit);
  }
}

// What else it is needed for makes no turn when that is over: it is looked for again after the same time.
//
// First the name, so that the bus starts a new service for the next call; then whatever was on its
// way to us; only then the end.
void Driver::leave_the_bus() {
  if (stopping_) return;
  if (is_needed()) return watch_idleness();
  if (!bus_.release_name(bus::service_name)) return;
  left_.schedule();
}

void Driver::finish_leaving() {
  if (stopping_) return;
  if (!is_needed()) {
    stop(End::idle);
  } else if (auto taken = bus_.request_name(bus::service_name); !taken) {
    // A new service waits for the queue already: it will find what came in last.
    stop(End::asked);
  } else {
    watch_idleness();
  }
}

void Driver::stop(End why) {
  if (std::exchange(stopping_, true)) return;
  end_ = why;
  idle_.disarm();
  if (why == End::asked) {
    log_.write(base::LogLevel::info, "stopping");
    if (auto released = bus_.release_name(bus::service_name); !released) {
      log_.write(base::LogLevel::debug, released.error().text);
    }
  }
  limit_ = loop_.now() + times_.stop_limit;
  stop_limit_.arm(limit_);
  engine_->stop([this] { loop_.exit(0); });
}

}  // namespace backhaul::daemon
