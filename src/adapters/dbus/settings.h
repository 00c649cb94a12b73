// SPDX-License-Identifier: Apache-2.0
// What the daemon decides for the bus side.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>

#include "adapters/dbus/account.h"
#include "adapters/dbus/caller_facts.h"

namespace backhaul::dbus {

struct Settings {
  std::string version = "0.0.0";  // Manager1.Version
  std::string service_dir;        // $XDG_DATA_HOME/dbus-1/services: where classes are registered
  std::string unit_dir;           // $XDG_DATA_HOME/systemd/user: their units, where systemd is
  std::uint32_t served_uid = geteuid();  // the only user who is answered
  AccountLimits limits{};                // of one client
  FactFolders fact_folders{};
};

}  // namespace backhaul::dbus
