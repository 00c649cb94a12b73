// SPDX-License-Identifier: Apache-2.0
// Calls to the bus itself, and to a systemd that is on it.
#pragma once

#include "base/time.h"
#include "bus/bus.h"
#include "bus/names.h"

namespace backhaul::dbus {

inline constexpr char systemd_name[] = "org.freedesktop.systemd1";
inline constexpr char systemd_path[] = "/org/freedesktop/systemd1";
inline constexpr char systemd_manager_interface[] = "org.freedesktop.systemd1.Manager";
inline constexpr char systemd_service_interface[] = "org.freedesktop.systemd1.Service";

inline bus::Call bus_call(const char* member, base::Microseconds limit = bus::usual_limit) {
  return {bus::daemon_name, bus::daemon_path, bus::daemon_interface, member, limit};
}

// Does not start it.
inline bus::Call systemd_call(const char* member) {
  return {systemd_name, systemd_path, systemd_manager_interface, member, bus::usual_limit, false};
}

// An error that every program on a bus knows: "UnknownObject".
inline bus::Failure standard_failure(const char* word, std::string text) {
  return {std::string("org.freedesktop.DBus.Error.") + word, std::move(text)};
}

}  // namespace backhaul::dbus
