// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/service_file.h"

#include "adapters/dbus/managed_file.h"
#include "adapters/dbus/unit_file.h"
#include "core/text.h"

namespace backhaul::dbus {
namespace {

bool is_plain(std::string_view argument) {
  if (argument.empty()) return false;
  for (char c : argument) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/._-+=:,@%").find(c) != std::string_view::npos;
    if (!plain) return false;
  }
  return true;
}

std::string quote_word(std::string_view argument) {
  if (is_plain(argument)) return std::string(argument);
  std::string quoted = "'";
  for (char c : argument) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string escape(std::string_view value) {
  std::string escaped;
  for (char c : value) {
    switch (c) {
      case '\\': escaped += "\\\\"; break;
      case '\n': escaped += "\\n"; break;
      case '\t': escaped += "\\t"; break;
      case '\r': escaped += "\\r"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string unescape(std::string_view value) {
  std::string plain;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      plain += value[i];
      continue;
    }
    switch (value[++i]) {
      case 'n': plain += '\n'; break;
      case 't': plain += '\t'; break;
      case 'r': plain += '\r'; break;
      case 's': plain += ' '; break;
      default: plain += value[i];
    }
  }
  return plain;
}

// The inverse of quote, for a line of arguments.
std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> arguments;
  bool in_argument = false;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == ' ' && !quoted) {
      in_argument = false;
      continue;
    }
    if (!in_argument) arguments.emplace_back();
    in_argument = true;
    if (c == '\'')
      quoted = !quoted;
    else if (c == '\\' && !quoted && i + 1 < line.size())
      arguments.back() += line[++i];
    else
      arguments.back() += c;
  }
  return arguments;
}

}  // namespace

std::string service_file_text(const ServiceFile& file) {
  std::string exec;
  for (const std::string& argument : file.exec) exec += (exec.empty() ? "" : " ") + quote_word(argument);
  std::string text = std::string(managed_marker) + "[D-BUS Service]\nName=" + file.name +
                     "\nExec=" + escape(exec) + '\n';
  if (file.has_unit) text += "SystemdService=" + unit_name(file.name) + '\n';
  return text;
}

std::optional<ServiceFile> parse_service_file(std::string_view text) {
  if (!is_managed(text)) return std::nullopt;
  ServiceFile file;
  while (!text.empty()) {
    const std::string_view line = core::next_line(text);
    if (line.starts_with("Name=")) file.name = line.substr(5);
    if (line.starts_with("SystemdService=")) file.has_unit = true;
    if (line.starts_with("Exec=")) file.exec = split(unescape(line.substr(5)));
  }
  if (file.name.empty() || file.exec.empty()) return std::nullopt;
  return file;
}

}  // namespace backhaul::dbus
