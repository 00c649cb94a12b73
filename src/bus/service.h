// SPDX-License-Identifier: Apache-2.0
// For clients: a connection on which the service answers. The service may run already, on this bus
// or on another one of the same user; the bus may know how to start it; or nobody does, then we
// start the one of our own installation.
#pragma once

#include <chrono>

#include "base/result.h"
#include "base/time.h"
#include "bus/connect.h"
#include "bus/holder.h"
#include "bus/place.h"

namespace backhaul::bus {

inline constexpr base::Microseconds service_start_limit = std::chrono::seconds(60);

// Blocks until the service has its name on the bus that is returned. RPC_SERVER_UNAVAILABLE with a
// sentence that says what was tried, or why the service did not start. A private bus that was of no
// use is not left behind.
base::Result<Connection> connect_to_service(const Place& place,
                                            base::Microseconds limit = service_start_limit);

// The parts of it, for tests and tools.
bool service_runs(Bus& bus);
// The service answers where its holder says it is: it has its name there, and is not stuck.
bool holder_answers(const Holder& holder);
// Where the holder of the queue says it is, if it answers there.
base::Result<Connection> connect_to_holder(const Place& place);
// What the bus says to StartServiceByName when it does not know how to start the service.
bool is_not_activatable(const Failure& failure);
// Starts it through the bus, or directly when the bus does not know its name or a program of it.
base::Result<void> start_service(Connection& connection, const Place& place,
                                 base::Microseconds limit);

}  // namespace backhaul::bus
