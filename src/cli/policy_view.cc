// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_view.h"

#include <algorithm>
#include <cstdlib>

#include "cli/table.h"
#include "cli/text.h"

namespace backhaul::cli {

namespace {

std::string source_of(const PolicyInfo& key, bool utf8) {
  if (!key.where.empty()) return printable(key.where, utf8);
  return key.role == "asked" ? "a program asked for it" : "built in";
}

}  // namespace

std::string render_policy(const std::vector<PolicyInfo>& keys, const TableStyle& style) {
  Table table{.columns = {{.title = "SECTION"},
                          {.title = "KEY"},
                          {.title = "VALUE", .least = 8, .comfortable = 16},
                          {.title = "IS"},
                          {.title = "FROM", .least = 12, .comfortable = 30}},
              .rows = {}};
  for (const PolicyInfo& one : keys) {
    if (one.value.empty()) continue;
    table.rows.push_back({printable("[" + one.section + "]", style.utf8), printable(one.key, style.utf8),
                          printable(one.value, style.utf8), one.exempt ? one.role + ", does not bind you" : one.role,
                          source_of(one, style.utf8)});
  }
  return table.render(style);
}

void write_policy(Json& json, const std::vector<PolicyInfo>& keys) {
  json.array();
  for (const PolicyInfo& one : keys) {
    json.object().key("section").value(one.section).key("key").value(one.key);
    json.key("value");
    one.value.empty() ? json.null() : json.value(one.value);
    json.key("role").value(one.role).key("where");
    one.where.empty() ? json.null() : json.value(one.where);
    json.key("leeway").value(one.leeway).key("at-start").value(one.at_start).key("exempt").value(one.exempt);
    json.end_object();
  }
  json.end_array();
}

// "error", a tab, "FILE:LINE: TEXT".
std::vector<SettingsFinding> findings_of(std::string_view output, const std::string& file) {
  std::vector<SettingsFinding> findings;
  while (!output.empty()) {
    const std::string_view line = output.substr(0, output.find('\n'));
    output.remove_prefix(std::min(line.size() + 1, output.size()));
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    SettingsFinding finding{.severity = std::string(line.substr(0, tab)), .file = file};
    std::string_view rest = line.substr(tab + 1);
    if (rest.starts_with(file + ":")) {
      rest.remove_prefix(file.size() + 1);
      finding.line = static_cast<unsigned>(std::strtoul(std::string(rest).c_str(), nullptr, 10));
      if (const std::size_t colon = rest.find(": "); colon != std::string_view::npos) rest.remove_prefix(colon + 2);
    }
    finding.text = std::string(rest);
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::string render_findings(const std::vector<SettingsFinding>& findings, const std::string& file, bool utf8) {
  if (findings.empty()) return printable(file, utf8) + ": nothing is wrong\n";
  std::string text;
  for (const SettingsFinding& one : findings)
    text += printable(one.file, utf8) + ":" + std::to_string(one.line) + ": " + one.severity + ": " + printable(one.text, utf8) + "\n";
  return text;
}

void write_findings(Json& json, const std::vector<SettingsFinding>& findings) {
  json.array();
  for (const SettingsFinding& one : findings) {
    json.object().key("severity").value(one.severity).key("file").value(one.file);
    json.key("line").value(one.line).key("text").value(one.text).end_object();
  }
  json.end_array();
}

}  // namespace backhaul::cli
