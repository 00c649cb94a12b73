// SPDX-License-Identifier: Apache-2.0
// The machine: what its services tell of networks, power and sleep, and what they are asked for.
#pragma once

#include <optional>

#include "core/admit.h"

namespace backhaul::ports {

// Changes come as SurroundingsChanged.
class Machine {
 public:
  virtual ~Machine() = default;
  // Unset: its services are still asked, and what they say will come, within a second.
  virtual std::optional<core::Surroundings> surroundings() const = 0;
  // It is not to go to sleep by itself, because a job runs whose owner wants that.
  virtual void keep_awake(bool awake) = 0;
  // Nothing runs any more and what was received is stored: it may sleep now. Asked for once after
  // each change to going_to_sleep; where nobody says so it sleeps after a second all the same.
  virtual void let_sleep() = 0;
  // Somebody goes by the hours of the day, or nobody does any more: a change of the time zone is told, or is not.
  virtual void follow_local_time(bool follow) = 0;
};

}  // namespace backhaul::ports
