// SPDX-License-Identifier: Apache-2.0
// Where the loop asks who accounts are. A directory service may take as long as it likes to say, so that is waited for by
// threads, and each name and each number is asked for once at a time, whoever wants to know it: one that does not answer
// holds one thread, and nobody who asks for another. No answer is kept, because names and numbers go on to others: who
// comes while a question is under way is answered by the next one. Loop thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "adapters/posix/account_lookup.h"
#include "loop/loop.h"

namespace backhaul::posix {

class AccountDesk {
 public:
  using Whom = std::variant<uid_t, std::string>;
  using Ask = std::function<AccountAnswer(const Whom& whom)>;  // a thread
  using Heard = std::move_only_function<void(const AccountAnswer& answer)>;

  static constexpr unsigned threads = 8;
  // More than these are not asked for at once, nor waited for by more: EAGAIN.
  static constexpr std::size_t most_asked = 1024;
  static constexpr std::size_t most_waiting = 16 * most_asked;

  AccountDesk(loop::Loop& loop, Ask ask) : ask_(std::move(ask)), worker_(loop, threads) {}

  void ask(const Whom& whom, Heard heard);

  static AccountAnswer of_machine(const Whom& whom);  // blocking, any thread

 private:
  struct Question {
    std::vector<Heard> now;
    std::vector<Heard> later;  // who came when it had begun
  };
  void look(const Whom& whom);
  void answered(const Whom& whom, const AccountAnswer& answer);

  const Ask ask_;
  std::map<Whom, Question> asked_;
  std::size_t waiting_ = 0;
  loop::Worker worker_;
};

}  // namespace backhaul::posix
