// SPDX-License-Identifier: Apache-2.0
#include "daemon/account_number.h"

#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <system_error>

namespace backhaul::daemon {

std::optional<uid_t> uid_of(const std::string& account) {
  uid_t uid = 0;
  const auto [end, problem] = std::from_chars(account.data(), account.data() + account.size(), uid);
  if (problem == std::errc() && end == account.data() + account.size()) return uid;
  const passwd* const found = getpwnam(account.c_str());
  return found == nullptr ? std::nullopt : std::optional(found->pw_uid);
}

core::Account own_account() {
  const passwd* const found = getpwuid(geteuid());
  return {geteuid(), found == nullptr ? std::string() : std::string(found->pw_name)};
}

}  // namespace backhaul::daemon
