// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/program_name.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "bus/utf8.h"

namespace backhaul::dbus {
namespace {

std::string_view last_part(std::string_view cgroups) {
  // The line of the unified hierarchy, or of systemd's own where there is none.
  for (const std::string_view key : {std::string_view("0::/"), std::string_view(":name=systemd:/")}) {
    const std::size_t at = cgroups.find(key);
    if (at == std::string_view::npos) continue;
    std::string_view path = cgroups.substr(at + key.size() - 1);
    path = path.substr(0, path.find('\n'));
    if (const std::string_view last = path.substr(path.rfind('/') + 1); !last.empty()) return last;
  }
  return {};
}

std::string without_instance(std::string_view stem, std::string_view suffix) {
  const std::size_t at = stem.find('@');
  return std::string(stem.substr(0, at)).append(at == std::string_view::npos ? "" : "@").append(suffix);
}

}  // namespace

std::string application_unit(std::string_view cgroups) {
  const std::string_view unit = last_part(cgroups);
  constexpr std::string_view service = ".service";
  constexpr std::string_view scope = ".scope";
  if (unit.ends_with(service)) {
    for (const std::string_view other : {"user@", "dbus", "run-", "systemd-"})
      if (unit.starts_with(other)) return {};
    return without_instance(unit.substr(0, unit.size() - service.size()), service);
  }
  // What a desktop starts is app-LAUNCHER-ID-NUMBER.scope.
  if (!unit.ends_with(scope) || !unit.starts_with("app-")) return {};
  std::string_view stem = unit.substr(0, unit.size() - scope.size());
  const std::size_t dash = stem.rfind('-');
  if (dash > 3 && stem.find_first_not_of("0123456789abcdef", dash + 1) == std::string_view::npos)
    stem = stem.substr(0, dash);
  return without_instance(stem, scope);
}

std::string application_of_process(std::uint32_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cgroup");
  const std::string cgroups(std::istreambuf_iterator<char>(file), {});
  const std::string unit = application_unit(cgroups);
  return unit.empty() ? program_of_process(pid) : bus::to_valid_utf8(unit);
}

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
