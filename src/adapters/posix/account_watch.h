// SPDX-License-Identifier: Apache-2.0
// The accounts of the machine, as the C library finds them (files, systemd, directory services), asked for at a desk
// (account_desk.h); what cannot be looked at counts as what it was before. Watched accounts are looked at whenever the file
// of accounts changes, and once a minute for those that are in no file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "adapters/posix/account_desk.h"
#include "adapters/posix/descriptor.h"
#include "base/result.h"
#include "loop/loop.h"
#include "ports/accounts.h"
#include "ports/events.h"

namespace backhaul::posix {

class AccountWatch final : public ports::Accounts {
 public:
  struct Options {
    bool watches = false;  // there are other owners than the account of the service
    base::Microseconds look_every = std::chrono::minutes(1);
    base::Microseconds first_limit = std::chrono::seconds(1);  // until the first look is waited for
    AccountDesk::Ask ask = AccountDesk::of_machine;
  };

  AccountWatch(loop::Loop& loop, ports::Inbox& inbox, Options options);
  ~AccountWatch() override;
  AccountWatch(const AccountWatch&) = delete;
  AccountWatch& operator=(const AccountWatch&) = delete;

  bool watch(const core::Account& account) override;
  void forget(const core::Account& account) override;

  // E_ACCESSDENIED: nobody has that number. A shortage (core::is_shortage): nobody says now who has it. Empty for root, whose number is enough.
  using Named = std::move_only_function<void(base::Result<std::string>)>;
  void name_of(std::uint32_t uid, Named named);

 private:
  // So many at a time, so that there are threads left for whoever calls.
  static constexpr unsigned looks_at_once = AccountDesk::threads / 2;
  void look();
  void look_at_next();
  void look_at(const core::Account& account);
  void found(const core::Account& account, const AccountAnswer& by_name, const AccountAnswer& by_number);
  void tell_of_move(const core::Account& now);
  void follow_file();
  void tell();

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  const Options options_;
  std::set<core::Account> watched_;
  core::StrayAccounts stray_;
  bool looked_ = false;    // at all of them, once, or for as long as that is waited for
  std::set<core::Account> to_look_at_;
  core::Account last_;             // that was looked at
  std::set<core::Account> under_way_;
  std::set<core::Account> again_;  // of these, what has to be looked at once more
  bool filling_ = false;
  Descriptor changes_;     // inotify
  std::optional<loop::Io> changed_;
  loop::Deferred look_soon_;
  loop::Deferred tell_soon_;
  loop::Timer every_;
  loop::Timer first_limit_;
  AccountDesk desk_;
};

}  // namespace backhaul::posix
