// SPDX-License-Identifier: Apache-2.0
// Virtual time: a queue of (time, number, closure). Whatever happens in a simulated world happens
// here, one after another, so a seed always gives the same history.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "base/time.h"

namespace backhaul::sim {

class Timeline {
 public:
  using Callback = std::move_only_function<void()>;

  base::Microseconds now() const { return now_; }  // since the world began

  // Something of the world: happens whether the service runs or not.
  void after(base::Microseconds delay, Callback callback) { put(delay, 0, std::move(callback)); }
  // Something inside the service's process: forgotten when that dies.
  void in_service(base::Microseconds delay, Callback callback) {
    put(delay, life_, std::move(callback));
  }
  void service_died() { ++life_; }

  bool empty() const { return queue_.empty(); }
  base::Microseconds next() const { return queue_.begin()->first.first; }
  void run_next();
  // The clock moves although nothing happens.
  void skip_to(base::Microseconds time) { now_ = std::max(now_, time); }
  std::uint64_t happened() const { return happened_; }

 private:
  struct Entry {
    std::uint64_t life = 0;  // 0: of the world
    Callback callback;
  };
  void put(base::Microseconds delay, std::uint64_t life, Callback callback);

  base::Microseconds now_{};
  std::uint64_t number_ = 0;
  std::uint64_t happened_ = 0;
  std::uint64_t life_ = 1;
  std::map<std::pair<base::Microseconds, std::uint64_t>, Entry> queue_;
};

}  // namespace backhaul::sim
