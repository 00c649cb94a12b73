// SPDX-License-Identifier: Apache-2.0
// --user-of: root works as another user, with that user's bus and service. A service answers its own
// user only, and so does the bus, so nothing less than being that user will do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/exit_code.h"

namespace backhaul::cli {

// The environment that the command has as that user: what describes the terminal and the language
// stays, what leads to another user's things goes.
std::vector<std::string> environment_of(const std::string& name, const std::string& home,
                                        const std::string& shell, const std::string& runtime_dir,
                                        const char* const* environment);

// Why that user can have no service of their own: there is no home to keep its queue in, nor a session that may know
// another place. Empty: nothing is seen that is in the way.
std::string without_home(const std::string& home, const std::string& runtime_dir);
// The same of whoever runs this program, as its environment says.
std::string without_own_home();

// Unset: we are that user. Otherwise it does not come back unless it failed, which is reported. `looks_for_service`: it
// is that user's own, and not one at an address that was given.
std::optional<Exit> become(const std::string& name, char* const* argv, bool looks_for_service);

}  // namespace backhaul::cli
