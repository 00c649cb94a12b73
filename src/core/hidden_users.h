// SPDX-License-Identifier: Apache-2.0
// User and password that stand in an address, of a file or of a proxy, are kept out of the rows: "{7}@host"
// stands there for "user:password@host", and a list that lies sealed on the shelf of the job says what {7}
// is. No address of a client can hold such a mark, because a brace is no character of one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace backhaul::core {

// Whether an address names a user; whether it does so by a mark.
bool names_user(std::string_view address);
bool names_hidden_user(std::string_view address);
std::string without_user(std::string_view address);
// No server could read its user as it is meant (core/secrets.h): the name holds a colon, "%3A", or one of both a control
// character.
bool names_unsendable_user(std::string_view address);

class HiddenUsers {
 public:
  using Number = std::function<std::uint64_t()>;  // one that was never given before

  HiddenUsers() = default;
  explicit HiddenUsers(const base::Secret& list);  // as sealed
  base::Secret list() const;

  // With a mark for its user. One that is known keeps its mark.
  std::string hide(std::string_view address, const Number& number);
  // With marks for all users of a list of proxies.
  std::string hide_list(std::string_view proxies, const Number& number);
  // With the user for its mark; one that is not known is left out.
  std::string reveal(std::string_view address) const;

 private:
  std::map<std::uint64_t, base::Secret> users_;
};

}  // namespace backhaul::core
