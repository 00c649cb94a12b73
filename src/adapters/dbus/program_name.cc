// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/program_name.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "bus/utf8.h"

namespace backhaul::dbus {

std::string program_of_process(std::uint32_t pid) {
  const std::filesystem::path folder = "/proc/" + std::to_string(pid);
  std::error_code unreadable;
  const auto executable = std::filesystem::read_symlink(folder / "exe", unreadable);
  std::string name;
  std::getline(std::ifstream(folder / "comm"), name);
  return program_name(unreadable ? "" : executable.native(), name);
}

std::string program_name(std::string_view executable, std::string_view process_name) {
  const std::string_view file = executable.substr(executable.rfind('/') + 1);
  std::string shown(executable);
  if (shown.empty())
    shown = process_name;
  else if (!file.starts_with(process_name))
    shown.append(" (").append(process_name).append(")");
  return bus::to_valid_utf8(shown);
}

}  // namespace backhaul::dbus
