// SPDX-License-Identifier: Apache-2.0
// What the world allows at this moment, as a value: is there a network, and has the service itself
// room to work. A turn changes a copy of it (draft.h).
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "engine/table.h"
#include "ports/events.h"

namespace backhaul::engine {

class Draft;

// Short of descriptors or memory: nobody is given a turn until `over`.
struct Shortage {
  base::Code code{};
  base::Microseconds pause{};
  base::BootTime over{};

  bool operator==(const Shortage&) const = default;
};

struct Conditions {
  bool network_up = true;
  std::optional<Shortage> shortage;

  bool is_short(base::BootTime now) const { return shortage && now < shortage->over; }
  // Somebody ran into it; the pause grows until something was stored again. False: known already.
  bool run_short(base::Code code, base::BootTime now, base::Microseconds first_pause);
  void had_room(base::BootTime now) {
    if (!is_short(now)) shortage.reset();
  }
  // May this address be asked? Without a network those of this machine may.
  bool allow(const std::string& url) const;
  // Nothing can be fetched for this job, as far as its next file tells.
  bool block(const Entry* entry) const;
  // When something ends by itself.
  base::BootTime next(base::BootTime now) const { return is_short(now) ? shortage->over : base::never; }

  bool operator==(const Conditions&) const = default;
};

void on(Draft& draft, const ports::NetworkChanged& event);
// The service is short of room to work: jobs wait until it may be better.
void note_shortage(Draft& draft, base::Code code, const std::string& text);

}  // namespace backhaul::engine
