// SPDX-License-Identifier: Apache-2.0
// The umask of an account, where no session of it tells: as pam_umask finds it, in the account itself ("umask=027" among
// the fields of its comment), else in the settings of logins.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace backhaul::posix {

mode_t umask_of(std::string_view comment, const std::string& login_settings = "/etc/login.defs");

}  // namespace backhaul::posix
