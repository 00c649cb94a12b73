// SPDX-License-Identifier: Apache-2.0
// The pace of what is told about jobs. Urgent changes go out at once; the rest of a job is merged to
// at most two signals a second, and the last change is always told.
//
// "At once" is not while the queue is being changed, since the values are read from it: when the turn
// is over, and before anybody is answered.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "adapters/dbus/announcer.h"
#include "base/ids.h"
#include "base/time.h"
#include "loop/loop.h"
#include "ports/queue.h"

namespace backhaul::dbus {

class Changes {
 public:
  Changes(loop::Loop& loop, Announcer& announcer);
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  void added(const base::JobId& job);
  void changed(const base::JobId& job, ports::Properties properties, bool urgent);
  void removed(const base::JobId& job);
  // What is to be told is told now.
  void flush();

 private:
  struct Recent {  // a job of which something was told less than half a second ago
    ports::Properties pending = 0;
    base::BootTime quiet_until{};
  };
  struct Due {
    base::BootTime when{};
    base::JobId job;
  };
  struct News {
    enum class Kind : std::uint8_t { added, changed, removed };
    Kind kind = Kind::changed;
    base::JobId job;
    ports::Properties properties = 0;
    Announcer::Names hearers{};  // of its end
  };

  void tell(const base::JobId& job, Recent& recent, base::BootTime now);
  void say(News news);
  void run_due();

  loop::Loop& loop_;
  Announcer& announcer_;
  std::unordered_map<base::JobId, Recent> recent_;
  std::deque<Due> due_;  // in order of time, because the pause is always the same
  std::vector<News> news_;
  loop::Timer timer_;
  loop::Deferred flush_;
};

}  // namespace backhaul::dbus
