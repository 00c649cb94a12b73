// SPDX-License-Identifier: Apache-2.0
// An account as it stands in a file of settings or on a command line: a name or a number.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "core/account.h"

namespace backhaul::daemon {

// Unset: there is no such account. Asks the accounts of the machine, which may take a while.
std::optional<uid_t> uid_of(const std::string& account);
// That of this process. Its name is empty where nobody says it. Likewise.
core::Account own_account();

}  // namespace backhaul::daemon
