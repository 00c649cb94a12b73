// SPDX-License-Identifier: Apache-2.0
// The service file that makes a bus name activatable: how it is written and read back.
//
// Exec is split by the rules of a shell, without a shell, after the escapes of a desktop file were
// undone; so an argument is quoted first and escaped then.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace backhaul::dbus {

struct ServiceFile {
  std::string name;               // well-known bus name
  std::vector<std::string> exec;  // program and arguments, as the program gets them
  bool has_unit = false;          // started by systemd where that runs the services of the bus

  bool operator==(const ServiceFile&) const = default;
};

std::string service_file_text(const ServiceFile& file);
// Unset: not written by us.
std::optional<ServiceFile> parse_service_file(std::string_view text);

}  // namespace backhaul::dbus
