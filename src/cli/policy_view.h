// SPDX-License-Identifier: Apache-2.0
// What is laid down, as it is shown: the keys of the settings in force, and what is wrong in a file of them.
#pragma once

#include <backhaul/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/json.h"
#include "cli/view.h"

namespace backhaul::cli {

// Those of which something is said or built in, with what the value is to the caller and where it stands.
std::string render_policy(const std::vector<PolicyInfo>& keys, const TableStyle& style);
void write_policy(Json& json, const std::vector<PolicyInfo>& keys);

// What was found in a file of settings.
struct SettingsFinding {
  std::string severity;  // "error" or "warning"
  std::string file;
  unsigned line = 0;
  std::string text;
};

// The lines that backhauld --check-settings writes about this file.
std::vector<SettingsFinding> findings_of(std::string_view output, const std::string& file);
std::string render_findings(const std::vector<SettingsFinding>& findings, const std::string& file, bool utf8);
void write_findings(Json& json, const std::vector<SettingsFinding>& findings);

}  // namespace backhaul::cli
