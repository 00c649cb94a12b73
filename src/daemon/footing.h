// SPDX-License-Identifier: Apache-2.0
// What the service stands on before it has an engine: settings, log, bus and the lock on its queue.
// Each step that fails has said why and is an exit code.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "base/log.h"
#include "bus/connect.h"
#include "bus/place.h"
#include "daemon/guardian.h"
#include "daemon/instance.h"
#include "daemon/options.h"
#include "daemon/settings.h"

namespace backhaul::daemon {

struct Footing {
  std::string state_folder;
  Settings settings;
  std::unique_ptr<base::Log> log;
  bus::Connection connection;
  std::string bus_id;
  Instance instance;
  bool on_private_bus = false;

  base::Result<void> announce() { return instance.announce(connection.address, bus_id); }
  std::string in_state(const std::string& name) const { return state_folder + "/" + name; }
};

// `guarded` says how the service before ended and on what kind of bus it was, and is told ours.
std::expected<Footing, int> find_footing(const Options& options, const bus::Place& place,
                                         Guarded& guarded);

// A program whose standard streams are closed would give their numbers to its database.
void open_standard_streams();
// Asks the bus to start the service when work was left; an exit code.
int start_at_login(const bus::Place& place);

}  // namespace backhaul::daemon
