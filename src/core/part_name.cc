// SPDX-License-Identifier: Apache-2.0
#include "core/part_name.h"

namespace backhaul::core {

static_assert(part_name_max <= 255, "a name of at most NAME_MAX bytes");

std::string part_prefix(const base::JobId& job, std::uint32_t index) {
  return ".BIT" + base::to_hex(job) + "-" + std::to_string(index) + "-";
}

std::string part_path(std::string_view local, const base::JobId& job, std::uint32_t index,
                      std::uint32_t epoch) {
  std::string path = parent_directory(local);
  if (path.back() != '/') path += '/';
  return path + part_prefix(job, index) + std::to_string(epoch) + ".tmp";
}

std::string part_pattern(const base::JobId& job) { return ".BIT" + base::to_hex(job) + "-*.tmp"; }

bool is_part_name(std::string_view name) { return name.starts_with(".BIT") && name.ends_with(".tmp"); }

std::string parent_directory(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

std::string name_in_directory(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

}  // namespace backhaul::core
