// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/account_watch.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace backhaul::posix {
namespace {

constexpr char accounts_file[] = "/etc/passwd";
constexpr char accounts_folder[] = "/etc";

core::AccountLook account_look(const std::optional<AccountEntry>& by_name, const std::optional<AccountEntry>& by_number) {
  core::AccountLook look;
  if (by_name) look.number = by_name->uid;
  if (by_name) look.of_unit = by_name->of_unit;
  if (by_number) look.name = by_number->name;
  return look;
}

}  // namespace

AccountWatch::AccountWatch(loop::Loop& loop, ports::Inbox& inbox, Options options)
    : loop_(loop),
      inbox_(inbox),
      options_(options),
      look_soon_(loop, loop::Order::idle, [this] { look(); }),
      tell_soon_(loop, loop::Order::idle, [this] { tell(); }),
      every_(loop, std::chrono::seconds(1), [this] { look(); }),
      first_limit_(loop, std::chrono::milliseconds(10),
                   [this] {
                     looked_ = true;  // as far as anybody says
                     tell();
                   }),
      desk_(loop, options_.ask) {
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

// Nobody has to know any more; who asks for it anew is looked at anew.
void AccountWatch::forget(const core::Account& account) {
  watched_.erase(account);
  again_.erase(account);
  if (stray_.erase(account) != 0) tell_soon_.schedule();
}

void AccountWatch::look() {
  if (watched_.empty()) return;
  every_.arm(loop_.now() + options_.look_every);
  // What is heard of one that is under way may be from before.
  for (const core::Account& account : watched_) (under_way_.contains(account) ? again_ : to_look_at_).insert(account);
  look_at_next();
}

// In a circle, so that all have their turn where a round takes longer than the time until the next one.
void AccountWatch::look_at_next() {
  if (std::exchange(filling_, true)) return;  // an answer that came at once
  while (under_way_.size() < looks_at_once && !to_look_at_.empty()) {
    auto next = to_look_at_.upper_bound(last_);
    if (next == to_look_at_.end()) next = to_look_at_.begin();
    last_ = std::move(to_look_at_.extract(next).value());
    if (!watched_.contains(last_)) continue;
    under_way_.insert(last_);
    look_at(core::Account(last_));
  }
  filling_ = false;
  if (!under_way_.empty() || std::exchange(looked_, true)) return;
  tell();
}

// The number is asked for where the name does not say enough.
void AccountWatch::look_at(const core::Account& account) {
  desk_.ask(core::plain_name(account.name), [this, account](const AccountAnswer& by_name) {
    const bool is_same = by_name && by_name->has_value() && (*by_name)->uid == account.uid;
    if (is_same || !by_name) return found(account, by_name, by_name);
    desk_.ask(uid_t{account.uid},
              [this, account, by_name](const AccountAnswer& by_number) { found(account, by_name, by_number); });
  });
}

// Whoever waits for one that does not answer is told of the others meanwhile.
void AccountWatch::found(const core::Account& account, const AccountAnswer& by_name, const AccountAnswer& by_number) {
  under_way_.erase(account);
  if (again_.erase(account) != 0) to_look_at_.insert(account);
  if (by_name && by_number && watched_.contains(account)) {
    const auto before = stray_.find(account);
    const core::AccountLook look = account_look(*by_name, *by_number);
    auto why = core::stray(account, look);
    if (const auto number = core::moved_to(account, look)) inbox_.post(ports::AccountMoved{account, *number});
    const bool changed = why ? before == stray_.end() || before->second != *why : before != stray_.end();
    if (why)
      stray_[account] = *std::move(why);
    else if (changed)
      stray_.erase(before);
    if (changed && looked_) tell_soon_.schedule();
  }
  look_at_next();
}

void AccountWatch::tell() {
  first_limit_.disarm();
  inbox_.post(ports::AccountsChanged{stray_});
}

void AccountWatch::name_of(std::uint32_t uid, Named named) {
  if (uid == 0 || !options_.watches) return named(std::string());
  desk_.ask(uid_t{uid}, [this, uid, named = std::move(named)](const AccountAnswer& answer) mutable {
    if (!answer)  // a shortage, after which the caller is looked at anew
      return named(base::Error(base::Code::E_OUTOFMEMORY, "nobody says now who user " + std::to_string(uid) + " is"));
    if (!answer->has_value())
      return named(base::Error(base::Code::E_ACCESSDENIED, "user " + std::to_string(uid) + " has no account here"));
    std::string name = core::on_record((*answer)->name, (*answer)->of_unit);
    tell_of_move({uid, name});
    named(std::move(name));
  });
}

// Whoever calls for a unit that has another number than before finds its jobs.
void AccountWatch::tell_of_move(const core::Account& now) {
  if (!core::is_unit(now)) return;
  for (const core::Account& account : watched_)
    if (account.name == now.name && account.uid != now.uid) inbox_.post(ports::AccountMoved{account, now.uid});
}

}  // namespace backhaul::posix
