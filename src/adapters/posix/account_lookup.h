// SPDX-License-Identifier: Apache-2.0
// What the accounts of the machine say of a name or a number. That there is no such account is an answer; that a
// directory service is down is none, and nobody may take the one for the other. Blocking; any thread.
#pragma once

#include <pwd.h>
#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/posix/access.h"

namespace backhaul::posix {

struct AccountEntry {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name, comment, home, shell;
  bool of_unit = false;  // made by systemd for a unit, for as long as it runs
};

// Null: there is no such account. Without a value: nobody can say now, and why, as the number of an error that is not 0.
using AccountAnswer = Tried<std::optional<AccountEntry>>;

AccountAnswer account_named(const std::string& name);
AccountAnswer account_numbered(uid_t uid);

// Whether an account may be that of a unit: numbers that systemd gives to those and to no other, as its documentation
// has them. One that stands in the file of accounts is somebody's all the same.
bool is_number_of_units(uid_t uid);

// What a login of it has in its environment.
std::vector<std::string> login_environment(const AccountEntry& account);

// The rule of both: a call as getpwnam_r is, without what it looks for.
using AskAccounts = std::function<int(passwd* entry, char* texts, std::size_t size, passwd** found)>;
AccountAnswer ask_accounts(const AskAccounts& ask);

}  // namespace backhaul::posix
