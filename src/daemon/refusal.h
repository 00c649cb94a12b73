// SPDX-License-Identifier: Apache-2.0
// A service that cannot start says why to whoever called it. Where systemd starts it for a bus, dbus-daemon does not hear
// that it ended: it keeps who called, and who calls next, waiting until its own limit, which is 25 seconds on the bus of the
// machine and two minutes in a session. So the service takes its name all the same, answers every call with the reason, and
// ends.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "bus/bus.h"
#include "bus/place.h"
#include "bus/start_failure.h"

namespace backhaul::daemon {

// Who started this process.
struct Starter {
  bool systemd = false;
  bool bus = false;

  static Starter current();
};
// Whether callers are not told by anybody else. A bus that started it itself tells its exit code, and the file in the state
// folder the reason; that of the machine is closed to them.
bool nobody_else_tells(bool system, const Starter& starter);

// What kept it from starting, of a process that ended with this code; `told` was made before. Unset: it did start, or
// another one serves.
std::optional<bus::StartFailure> failure_of_start(const bus::StartFailureWatch& told, int code);
// `system`: on the bus of the machine. Nothing where somebody else tells them.
void tell_callers(bool system, const bus::Place& place, const bus::StartFailure& failure);

// Until everybody who called has left the bus, so that the next call finds a service that is started anew; at most until
// the limit.
void refuse_calls(bus::Bus& bus, const std::string& why, base::Microseconds limit);

}  // namespace backhaul::daemon
