// SPDX-License-Identifier: Apache-2.0
#include "core/sandbox.h"

#include <algorithm>

#include "core/text.h"

namespace backhaul::core {
namespace {

using base::Code;

std::string_view stripped(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return without_line_end(text);
}

std::string_view next_entry(std::string_view& text) {
  return stripped(next_line(text));
}

// The value of the first such key of a group in the keyfile.
std::optional<std::string_view> value_of(std::string_view text, std::string_view group,
                                         std::string_view key) {
  bool inside = false;
  while (!text.empty()) {
    const std::string_view line = next_entry(text);
    if (line.starts_with('[')) {
      inside = line.size() == group.size() + 2 && line.substr(1, group.size()) == group &&
               line.ends_with(']');
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!inside || equals == std::string_view::npos || stripped(line.substr(0, equals)) != key)
      continue;
    return stripped(line.substr(equals + 1));
  }
  return {};
}

bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(';'), list.size());
    if (stripped(list.substr(0, end)) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

bool is_id_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// It becomes part of paths and bus names, so nothing else will do: elements between dots.
bool is_id(std::string_view id, std::size_t elements) {
  std::size_t found = 1;
  char last = '.';
  for (char c : id) {
    if (c == '.' && last == '.') return false;
    if (c != '.' && !is_id_character(c)) return false;
    found += c == '.' ? 1 : 0;
    last = c;
  }
  return last != '.' && found >= elements && id.size() <= 255;
}

base::Error undetermined(std::string_view why) {
  return {Code::E_ACCESSDENIED,
          "it cannot be told whether the caller runs in a sandbox: " + std::string(why)};
}

// What its rules include for a snap whose network plug is connected.
bool has_network(std::string_view snap_profile) {
  while (!snap_profile.empty()) {
    std::string_view line = next_entry(snap_profile);
    if (line.starts_with('#')) line.remove_prefix(1);  // the older spelling of an include
    if (line.starts_with("include") && line.find("<abstractions/nameservice>") != line.npos)
      return true;
    if (line.starts_with("network inet")) return true;
  }
  return false;
}

base::Result<Sandbox> flatpak(std::string_view info) {
  const auto id = value_of(info, "Application", "name");
  if (!id || !is_id(*id, 2)) return undetermined("its flatpak-info names no application");
  return Sandbox{"flatpak/" + std::string(*id),
                 lists(value_of(info, "Context", "shared").value_or(""), "network")};
}

}  // namespace

std::string snap_of_label(std::string_view label) {
  while (!label.empty() && (label.back() == '\n' || label.back() == '\0')) label.remove_suffix(1);
  constexpr std::string_view prefix = "snap.";
  if (!label.starts_with(prefix) || label.ends_with(" (complain)")) return {};
  label = label.substr(prefix.size());
  const std::string_view name = label.substr(0, label.find('.'));
  return is_id(name, 1) ? std::string(name) : std::string();
}

base::Result<Sandbox> sandbox_of(const CallerFacts& facts) {
  // The label says more than the files: a process keeps it wherever it is.
  if (const std::string snap = snap_of_label(facts.label); !snap.empty())
    return Sandbox{"snap/" + snap, has_network(facts.snap_profile)};
  if (!facts.root_seen) return undetermined("its process cannot be looked at");
  if (facts.flatpak_info) return flatpak(*facts.flatpak_info);
  return Sandbox{};
}

std::string_view application_kind(std::string_view application) {
  return application.substr(0, application.find('/'));
}

std::string_view application_id(std::string_view application) {
  return application.substr(std::min(application.find('/'), application.size() - 1) + 1);
}

}  // namespace backhaul::core
