// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/account_watch.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "adapters/posix/account_lookup.h"

namespace backhaul::posix {
namespace {

constexpr char accounts_file[] = "/etc/passwd";
constexpr char accounts_folder[] = "/etc";

core::AccountLook account_look(const std::optional<AccountEntry>& by_name, const std::optional<AccountEntry>& by_number) {
  core::AccountLook look;
  if (by_name) look.number = by_name->uid;
  if (by_number) look.name = by_number->name;
  return look;
}

core::StrayAccounts look_at(const std::set<core::Account>& accounts, const core::StrayAccounts& before) {
  core::StrayAccounts stray;
  for (const core::Account& account : accounts) {
    const AccountAnswer by_name = account_named(account.name);
    const bool is_same = by_name && by_name->has_value() && (*by_name)->uid == account.uid;
    const AccountAnswer by_number = is_same ? by_name : account_numbered(account.uid);
    if (!by_name || !by_number) {  // nobody says now: it is what it was
      if (const auto known = before.find(account); known != before.end()) stray.insert(*known);
    } else if (auto why = core::stray(account, account_look(*by_name, *by_number))) {
      stray.emplace(account, *std::move(why));
    }
  }
  return stray;
}

}  // namespace

AccountWatch::AccountWatch(loop::Loop& loop, ports::Inbox& inbox, Options options)
    : loop_(loop),
      inbox_(inbox),
      options_(options),
      look_soon_(loop, loop::Order::idle, [this] { look(); }),
      every_(loop, std::chrono::seconds(1), [this] { look(); }),
      first_limit_(loop, std::chrono::milliseconds(10), [this] { tell(); }),
      names_(loop, 2),
      worker_(loop, 1) {
  if (!options_.watches) return;
  changes_ = Descriptor(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!changes_) return;  // then it is once a minute
  follow_file();
  changed_.emplace(loop, changes_.get(), EPOLLIN, [this](std::uint32_t) {
    std::array<char, 4096> events;
    while (read(changes_.get(), events.data(), events.size()) > 0) {
    }
    follow_file();
    look_soon_.schedule();
  });
}

AccountWatch::~AccountWatch() = default;

// Whoever changes it replaces it, or writes into it: then it is looked at when the writing is over, since in the midst
// of it accounts seem to be gone.
void AccountWatch::follow_file() {
  inotify_add_watch(changes_.get(), accounts_folder, IN_MOVED_TO | IN_CREATE | IN_ONLYDIR);
  inotify_add_watch(changes_.get(), accounts_file, IN_CLOSE_WRITE);
}

bool AccountWatch::watch(const core::Account& account) {
  if (!options_.watches) return true;
  if (watched_.insert(account).second) look_soon_.schedule();
  if (looked_) return true;
  if (!first_limit_.armed()) first_limit_.arm(loop_.now() + options_.first_limit);
  return false;
}

void AccountWatch::look() {
  if (watched_.empty()) return;
  if (std::exchange(looking_, true)) {
    look_again_ = true;
    return;
  }
  worker_.submit([this, accounts = watched_, before = stray_]() -> loop::Callback {
    return [this, stray = look_at(accounts, before)]() mutable { looked(std::move(stray)); };
  });
}

void AccountWatch::looked(core::StrayAccounts stray) {
  looking_ = false;
  const bool first = !std::exchange(looked_, true);
  const bool changed = stray_ != stray;
  stray_ = std::move(stray);
  if (first || changed) tell();
  every_.arm(loop_.now() + options_.look_every);
  if (std::exchange(look_again_, false)) look();
}

void AccountWatch::tell() {
  first_limit_.disarm();
  inbox_.post(ports::AccountsChanged{stray_});
}

void AccountWatch::name_of(std::uint32_t uid, Named named) {
  if (uid == 0 || !options_.watches) return named(std::string());
  names_.submit([uid, named = std::move(named)]() mutable -> loop::Callback {
    auto answer = account_numbered(uid);
    return [uid, answer = std::move(answer), named = std::move(named)]() mutable {
      if (!answer)  // a shortage, after which the caller is looked at anew
        return named(base::Error(base::Code::E_OUTOFMEMORY, "nobody says now who user " + std::to_string(uid) + " is"));
      if (!answer->has_value())
        return named(base::Error(base::Code::E_ACCESSDENIED, "user " + std::to_string(uid) + " has no account here"));
      named((*answer)->name);
    };
  });
}

}  // namespace backhaul::posix
