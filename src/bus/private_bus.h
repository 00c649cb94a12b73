// SPDX-License-Identifier: Apache-2.0
// A bus of our own for a user who has none: root in a bare container, cron, a plain `su`. It is an
// ordinary dbus-daemon in a folder of the user, started once under a file lock, and stays when the
// command that started it ends (dbus-run-session would end the transfers with the command).
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "bus/bus.h"
#include "bus/place.h"

namespace backhaul::bus {

// <state>/backhaul/bus: socket, pid, lock.
std::string private_bus_dir(const Place& place);
// E_INVALIDARG when the path of the socket is longer than a socket address can be.
base::Result<std::string> private_bus_address(const Place& place);

// Connects, if it runs.
base::Result<Bus> open_private_bus(const Place& place);
// Connects, and starts it before if it does not run. Many at once start one.
base::Result<Bus> start_private_bus(const Place& place);
// Closes a connection to it. The last who leaves it ends it: for whoever could not use it, since
// nobody would do so later. Waits a moment for others that are on their way out.
void leave_private_bus(Bus bus, const Place& place);
// Ends it, unless the service is on it. `bus` is a connection to it.
void end_private_bus(Bus& bus);
// Ends it if it runs and nobody is on it: whoever should have done so was killed.
void end_deserted_private_bus(const Place& place);
// Of the dbus-daemon that was started last; 0: none is on record.
pid_t private_bus_pid(const Place& place);

}  // namespace backhaul::bus
