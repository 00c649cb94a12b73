// SPDX-License-Identifier: Apache-2.0
// The signals of the manager. Urgent changes go out at once; the rest of a job is merged to at most
// two signals a second, and the last change is always told.
#pragma once

#include <deque>
#include <unordered_map>

#include "base/ids.h"
#include "base/time.h"
#include "bus/bus.h"
#include "loop/loop.h"
#include "ports/queue.h"

namespace backhaul::dbus {

class Changes {
 public:
  Changes(loop::Loop& loop, bus::Bus& bus);
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  void added(const base::JobId& job);
  void changed(const base::JobId& job, ports::Properties properties, bool urgent);
  void removed(const base::JobId& job);

 private:
  struct Recent {  // a job of which something was told less than half a second ago
    ports::Properties pending = 0;
    base::BootTime quiet_until{};
  };
  struct Due {
    base::BootTime when{};
    base::JobId job;
  };

  void tell(const base::JobId& job, Recent& recent, base::BootTime now);
  void run_due();

  loop::Loop& loop_;
  bus::Bus& bus_;
  std::unordered_map<base::JobId, Recent> recent_;
  std::deque<Due> due_;  // in order of time, because the pause is always the same
  loop::Timer timer_;
};

}  // namespace backhaul::dbus
