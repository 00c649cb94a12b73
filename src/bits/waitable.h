// SPDX-License-Identifier: Apache-2.0
// Events and timers behind handles, and the one way to wait for them.
#ifndef SRC_BITS_WAITABLE_H
#define SRC_BITS_WAITABLE_H

#include <windows.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "bits/wakeup.h"

namespace backhaul::bits {

// An event is set or not; a timer becomes set when it is due. Under the lock of the kernel.
struct Waitable {
  bool is_timer = false;
  bool manual_reset = false;
  bool set = false;
  Deadline due;  // of a timer that runs
  Clock::duration period = Clock::duration::zero();

  bool is_set(Clock::time_point now);  // moves a timer on
  void taken() { set = set && manual_reset; }
};

// Empty if one of them is no handle.
std::optional<std::vector<std::shared_ptr<Waitable>>> waitables_of(const HANDLE* handles,
                                                                   DWORD count);

struct WaitFor {
  std::vector<std::shared_ptr<Waitable>> objects;
  bool all = false;
  Deadline deadline;
  // Done each time before the thread sleeps. A number ends the wait with it; `again` looks once
  // more.
  struct Look {
    std::optional<DWORD> result;
    bool again = false;
  };
  std::function<Look()> look;
};

// The index of an object that was set (0 for all), what `look` found, or WAIT_TIMEOUT.
DWORD wait_for(const WaitFor& what);

}  // namespace backhaul::bits

#endif
