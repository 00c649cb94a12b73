// SPDX-License-Identifier: Apache-2.0
#include "core/account.h"

namespace backhaul::core {

std::optional<std::string> stray(const Account& account, const AccountLook& now) {
  if (now.number == account.uid) return std::nullopt;
  const std::string number = std::to_string(account.uid);
  if (now.number)
    return "the name " + account.name + " belongs to user " + std::to_string(*now.number) + " now, and was that of user " +
           number;
  if (!now.name.empty()) return "user " + number + " is " + now.name + " now, and was " + account.name;
  return "the account " + account.name + " (user " + number + ") is not there any more";
}

}  // namespace backhaul::core
