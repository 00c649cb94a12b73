// SPDX-License-Identifier: Apache-2.0
#include "bus/names.h"

#include <charconv>

#include "base/hex.h"

namespace backhaul::bus {
namespace {

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

constexpr std::size_t hex_length = 32;

}  // namespace

std::string job_path(const base::JobId& id) {
  return std::string(jobs_path) + '/' + base::to_hex(id);
}

std::string file_path(const base::JobId& id, std::uint32_t index) {
  return job_path(id) + "/file/" + std::to_string(index);
}

std::optional<base::JobId> parse_job_path(std::string_view path) {
  const std::string_view prefix = jobs_path;
  if (path.size() != prefix.size() + 1 + hex_length || !path.starts_with(prefix)) return {};
  if (path[prefix.size()] != '/') return {};
  const std::string_view hex = path.substr(prefix.size() + 1);
  if (!base::is_lower_hex(hex)) return {};
  return base::parse_job_id(hex);
}

std::optional<FileRef> parse_file_path(std::string_view path) {
  const std::size_t job_length = std::string_view(jobs_path).size() + 1 + hex_length;
  const std::string_view middle = "/file/";
  if (path.size() <= job_length + middle.size()) return {};
  const auto job = parse_job_path(path.substr(0, job_length));
  if (!job || path.substr(job_length, middle.size()) != middle) return {};
  const std::string_view number = path.substr(job_length + middle.size());
  if (number.size() > 1 && number[0] == '0') return {};
  std::uint32_t index = 0;
  const char* end = number.data() + number.size();
  auto [stop, error] = std::from_chars(number.data(), end, index);
  if (error != std::errc() || stop != end) return {};
  return FileRef{*job, index};
}

std::optional<std::string> class_bus_name(std::string_view clsid) {
  const auto id = base::parse_job_id(clsid);  // a CLSID and a job id are both UUIDs
  if (!id) return {};
  return class_name_prefix + base::to_hex(*id);
}

bool is_class_bus_name(std::string_view name) {
  const std::string_view prefix = class_name_prefix;
  return name.size() == prefix.size() + hex_length && name.starts_with(prefix) &&
         base::is_lower_hex(name.substr(prefix.size()));
}

std::optional<std::string> clsid_of_bus_name(std::string_view name) {
  if (!is_class_bus_name(name)) return {};
  const auto id = base::parse_job_id(name.substr(std::string_view(class_name_prefix).size()));
  if (!id) return {};
  return base::to_string(*id);
}

bool is_valid_bus_name(std::string_view name) {
  if (name.empty() || name.size() > 255) return false;
  int elements = 0;
  std::size_t begin = 0;
  while (true) {
    const std::size_t dot = name.find('.', begin);
    const std::string_view element = name.substr(begin, dot - begin);
    if (element.empty() || (element[0] >= '0' && element[0] <= '9')) return false;
    for (char c : element)
      if (!is_name_character(c)) return false;
    ++elements;
    if (dot == std::string_view::npos) break;
    begin = dot + 1;
  }
  return elements >= 2;
}

}  // namespace backhaul::bus
