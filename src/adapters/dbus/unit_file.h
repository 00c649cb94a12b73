// SPDX-License-Identifier: Apache-2.0
// The systemd unit of a callback class: where systemd runs the services of the bus, the class server
// gets a control group, a journal and limits of its own instead of those of the bus.
#pragma once

#include <string>
#include <vector>

namespace backhaul::dbus {

// What SystemdService= of the bus's service file names.
std::string unit_name(const std::string& bus_name);
std::string unit_file_text(const std::string& bus_name, const std::vector<std::string>& exec);

}  // namespace backhaul::dbus
