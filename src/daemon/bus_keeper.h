// SPDX-License-Identifier: Apache-2.0
// A dbus-daemon never ends by itself. The private bus of a user (bus/private_bus.h) is ended by the
// guardian of the service that used it last: after the service has left, when nobody but the bus
// and the keeper were on it for a while.
#pragma once

#include "base/time.h"
#include "bus/place.h"
#include "daemon/guardian.h"

namespace backhaul::daemon {

// Blocks until the private bus has ended, or the service is on it again (with a guardian of its
// own, who keeps it then). SIGTERM ends the bus at once. Returns at once when there is no such bus, or when it is kept
// already.
void keep_private_bus(const bus::Place& place, base::Microseconds idle_limit);

// What a guardian, or a service that has none, does about the private bus when its service is over: it keeps the bus for a while,
// ends it when it was asked to end itself, and leaves it at once when the service never started,
// because somebody waits for its exit code.
void look_after_private_bus(const Guarded& guarded, const bus::Place& place,
                            base::Microseconds idle_limit);
// The same by a service, behind which nobody else tidies up. Where systemd started it, it is on a
// session bus, and leaves at once.
void tidy_up_alone(const Guarded& guarded, const bus::Place& place, base::Microseconds idle_limit);

}  // namespace backhaul::daemon
