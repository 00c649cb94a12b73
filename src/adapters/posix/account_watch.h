// SPDX-License-Identifier: Apache-2.0
// The accounts of the machine, as the C library finds them (files, systemd, directory services). A look may
// take as long as a directory service likes, so it is taken by a thread; what cannot be looked at counts as what it was
// before. Watched accounts are looked at whenever the file of accounts changes, and once a minute for those that are in no
// file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

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
  };

  AccountWatch(loop::Loop& loop, ports::Inbox& inbox, Options options);
  ~AccountWatch() override;
  AccountWatch(const AccountWatch&) = delete;
  AccountWatch& operator=(const AccountWatch&) = delete;

  bool watch(const core::Account& account) override;

  // E_ACCESSDENIED: nobody has that number. A shortage (core::is_shortage): nobody says now who has it. Empty for root, whose number is enough.
  using Named = std::move_only_function<void(base::Result<std::string>)>;
  void name_of(std::uint32_t uid, Named named);

 private:
  void look();
  void looked(core::StrayAccounts stray);
  void follow_file();
  void tell();

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  const Options options_;
  std::set<core::Account> watched_;
  core::StrayAccounts stray_;
  bool looked_ = false;    // at all of them, once
  bool looking_ = false;
  bool look_again_ = false;
  Descriptor changes_;     // inotify
  std::optional<loop::Io> changed_;
  loop::Deferred look_soon_;
  loop::Timer every_;
  loop::Timer first_limit_;
  loop::Worker names_;     // for whoever calls
  loop::Worker worker_;
};

}  // namespace backhaul::posix
