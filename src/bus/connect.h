// SPDX-License-Identifier: Apache-2.0
// Which bus to use. In this order: $DBUS_SESSION_BUS_ADDRESS, $XDG_RUNTIME_DIR/bus if that folder
// is ours, /run/user/<uid>/bus, and a private bus of the user. An address that does not answer or
// refuses us is passed over: after `sudo` with a kept environment it belongs to somebody else.
#pragma once

#include <string>

#include "base/result.h"
#include "bus/bus.h"
#include "bus/place.h"

namespace backhaul::bus {

struct Connection {
  Bus bus;
  std::string address;
  bool of_machine = false;  // the system bus
};

// A bus that somebody else provides (the first three).
base::Result<Connection> connect_session(const Place& place);
// That of the user alone, started if it does not run.
base::Result<Connection> connect_private(const Place& place);
// The bus of the machine.
base::Result<Connection> connect_machine(const Place& place);
bool is_private(const std::string& address, const Place& place);
// For the service, and for a client that wants any bus: connect_session, else the private bus.
base::Result<Connection> connect_any(const Place& place);

}  // namespace backhaul::bus
