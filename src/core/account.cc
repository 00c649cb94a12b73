// SPDX-License-Identifier: Apache-2.0
#include "core/account.h"

namespace backhaul::core {

std::string on_record(std::string name, bool of_unit) {
  if (of_unit) name += unit_mark;
  return name;
}

std::string plain_name(std::string_view on_record) {
  if (on_record.ends_with(unit_mark)) on_record.remove_suffix(unit_mark.size());
  return std::string(on_record);
}

std::optional<std::uint32_t> moved_to(const Account& account, const AccountLook& now) {
  const bool moved = is_unit(account) && now.number && now.of_unit && *now.number != account.uid;
  return moved ? now.number : std::nullopt;
}

std::optional<std::string> stray(const Account& account, const AccountLook& now) {
  if (is_unit(account)) {
    if (now.number && now.of_unit) return std::nullopt;
    return "the unit " + plain_name(account.name) + " does not run";
  }
  if (now.number == account.uid && !now.of_unit) return std::nullopt;
  const std::string number = std::to_string(account.uid);
  if (now.number)
    return "the name " + account.name + " belongs to user " + std::to_string(*now.number) + " now, and was that of user " +
           number;
  if (!now.name.empty()) return "user " + number + " is " + now.name + " now, and was " + account.name;
  return "the account " + account.name + " (user " + number + ") is not there any more";
}

}  // namespace backhaul::core
