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
  // An answer that is on its way may be of somebody who had the number before.
  if (known != asked_.end()) return known->second.later.push_back(std::move(heard));
  asked_[whom].now.push_back(std::move(heard));
  look(whom);
}

void AccountDesk::look(const Whom& whom) {
  worker_.submit([this, whom]() -> loop::Callback {
    return [this, whom, answer = ask_(whom)] { answered(whom, answer); };
  });
}

void AccountDesk::answered(const Whom& whom, const AccountAnswer& answer) {
  const auto question = asked_.find(whom);
  std::vector<Heard> now = std::exchange(question->second.now, std::exchange(question->second.later, {}));
  if (question->second.now.empty())
    asked_.erase(question);
  else
    look(whom);
  waiting_ -= now.size();
  for (Heard& heard : now) heard(answer);
}

}  // namespace backhaul::posix
