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
  SettingsPlaces settings_places;  // where they were read, and are read again
  Settings settings;
  core::Policy policy;  // all that was laid down in them when the service began
  std::unique_ptr<base::Log> log;
  bus::Connection connection;
  std::string bus_id;
  Instance instance;
  BusKind bus_kind = BusKind::any;
  bool stays = false;  // it does not end for want of jobs

  base::Result<void> announce() { return instance.announce(connection.address, bus_id); }
  bool is_machines() const { return bus_kind == BusKind::machine; }
  std::string in_state(const std::string& name) const { return state_folder + "/" + name; }
};

// That of --state-dir, else what systemd made for the machine's instance, else the usual one.
std::string state_folder(const Options& options, const bus::Place& place);
// `guarded` says how the service before ended and on what kind of bus it was, and is told ours.
std::expected<Footing, int> find_footing(const Options& options, const bus::Place& place,
                                         Guarded& guarded);

// A program whose standard streams are closed would give their numbers to its database.
void open_standard_streams();
// Asks the bus to start the service when work was left; an exit code.
int start_at_login(const bus::Place& place);

}  // namespace backhaul::daemon
