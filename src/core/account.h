// SPDX-License-Identifier: Apache-2.0
// An account is a number and a name, and both can go on to somebody else while a job waits for weeks: what was
// meant for one person is then not done for another.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/owner.h"

namespace backhaul::core {

inline constexpr std::size_t account_name_max = 256;  // octets; more than any system allows

struct Account {
  std::uint32_t uid = 0;
  std::string name{};

  auto operator<=>(const Account&) const = default;
};

// A unit of systemd with DynamicUser= has an account while it runs: a name after the unit, and a number that may be
// another one the next time. On record its name has a mark that no name of an account can have: so it is told from an
// account of that name, and known again by whatever number.
inline constexpr std::string_view unit_mark = ":unit";
inline bool is_unit(const Account& account) { return account.name.ends_with(unit_mark); }
std::string on_record(std::string name, bool of_unit);
std::string plain_name(std::string_view on_record);

// Root is whoever has its number, and who has no name on record is known by the number alone.
inline bool is_watched(const Owner& owner) { return owner.uid != 0 && !owner.account.empty(); }
inline Account account_of(const Owner& owner) { return {owner.uid, owner.account}; }

// Something of each account. Of one number these are beside each other, and who has no name on record comes first.
template <class Value>
using ByAccount = std::map<Account, Value>;

// The sum for one account: where a number has several names only what is of this one, and what is known by the number
// alone. Whoever has no name has all that is of the number.
template <class Value>
Value sum_of(const ByAccount<Value>& all, const Account& account) {
  Value sum{};
  for (auto it = all.lower_bound(Account{account.uid, {}}); it != all.end() && it->first.uid == account.uid; ++it)
    if (account.name.empty() || it->first.name.empty() || it->first.name == account.name) sum += it->second;
  return sum;
}

// What the machine says of one today.
struct AccountLook {
  std::optional<std::uint32_t> number{};  // that the name has; unset: there is no such name
  std::string name{};                     // that the number has; empty: none
  bool of_unit = false;                   // the account of this name is that of a unit
};

// Why it is not the account that it was, as a sentence; unset: it is.
std::optional<std::string> stray(const Account& account, const AccountLook& now);

// The number that a unit has now, where it is another one than on record.
std::optional<std::uint32_t> moved_to(const Account& account, const AccountLook& now);

// Those that are not what they were, and why.
using StrayAccounts = std::map<Account, std::string>;

}  // namespace backhaul::core
