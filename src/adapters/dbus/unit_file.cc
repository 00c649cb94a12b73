// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/unit_file.h"

#include <string_view>

#include "adapters/dbus/managed_file.h"

namespace backhaul::dbus {
namespace {

// systemd.service(5): an argument in double quotes with the escapes of C; a per cent sign begins a
// specifier. That a dollar is no variable is said once, by the colon before the program.
std::string quote_argument(std::string_view argument) {
  std::string quoted = "\"";
  for (const char c : argument) {
    switch (c) {
      case '"': quoted += "\\\""; break;
      case '\\': quoted += "\\\\"; break;
      case '%': quoted += "%%"; break;
      case '\n': quoted += "\\n"; break;
      case '\t': quoted += "\\t"; break;
      case '\r': quoted += "\\r"; break;
      default: quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace

std::string unit_name(const std::string& bus_name) { return "dbus-" + bus_name + ".service"; }

std::string unit_file_text(const std::string& bus_name, const std::vector<std::string>& exec) {
  std::string line = "ExecStart=:";
  for (std::size_t i = 0; i < exec.size(); ++i) line += (i == 0 ? "" : " ") + quote_argument(exec[i]);
  return std::string(managed_marker) + "[Unit]\nDescription=Callback class " + bus_name +
         "\n[Service]\nType=dbus\nBusName=" + bus_name + '\n' + line + '\n';
}

}  // namespace backhaul::dbus
