// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/account_desk.h"

#include <cerrno>
#include <utility>

namespace backhaul::posix {

AccountAnswer AccountDesk::of_machine(const Whom& whom) {
  if (const auto* name = std::get_if<std::string>(&whom)) return account_named(*name);
  return account_numbered(std::get<uid_t>(whom));
}

void AccountDesk::ask(const Whom& whom, Heard heard) {
  const auto known = asked_.find(whom);
  if ((known == asked_.end() && asked_.size() >= most_asked) || waiting_ >= most_waiting)
    return heard(untried(EAGAIN));
  ++waiting_;
  if (known != asked_.end()) return known->second.push_back(std::move(heard));
  asked_[whom].push_back(std::move(heard));
  worker_.submit([this, whom]() -> loop::Callback {
    return [this, whom, answer = ask_(whom)] { answered(whom, answer); };
  });
}

// Whoever asks again from within is asked for anew.
void AccountDesk::answered(const Whom& whom, const AccountAnswer& answer) {
  auto node = asked_.extract(whom);
  waiting_ -= node.mapped().size();
  for (Heard& heard : node.mapped()) heard(answer);
}

}  // namespace backhaul::posix
