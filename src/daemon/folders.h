// SPDX-License-Identifier: Apache-2.0
// Where the service keeps its state and finds its settings, also with an empty environment.
#pragma once

#include <string>

#include "base/result.h"

namespace backhaul::daemon {

// $XDG_STATE_HOME/backhaul, or ~/.local/state/backhaul; the home of the password database when the
// environment does not tell one.
std::string default_state_folder();
// $XDG_CONFIG_HOME/backhaul, or ~/.config/backhaul.
std::string user_settings_folder();
// Makes the folder (and those above it), mode 0700, and refuses one that is not ours.
base::Result<void> make_private_folder(const std::string& folder);

}  // namespace backhaul::daemon
