// SPDX-License-Identifier: Apache-2.0
// Help texts and completion scripts, made from the table in verbs.h.
#pragma once

#include <cstddef>
#include <string>

#include "cli/verbs.h"

namespace backhaul::cli {

std::string help_overview(std::size_t columns);
// What can stand behind "class"; empty where nothing can.
std::string help_group(std::string_view group, std::size_t columns);
std::string help_verb(const VerbRow& verb, std::size_t columns);
std::string bash_completion();
std::string zsh_completion();

}  // namespace backhaul::cli
