// SPDX-License-Identifier: Apache-2.0
// What one client has under way, and how much of what it was answered it may not have read yet. The
// bus takes every answer at once and never says what was read, so this is known only from an answer
// of the client itself to a ping that went out behind its answers, or from a call that it cannot have
// made before.
//
// Somebody with many connections has on all of them together what a few may have: each its share of that, and more only
// as long as the others leave it. So none of them ever waits for another, and who has little waits for nobody.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace backhaul::dbus {

struct AccountLimits {
  std::size_t calls = 1024;               // not answered yet; more wait
  std::size_t waiting = 8192;             // and that many do; more are refused
  std::size_t unread = std::size_t{1} << 20;  // octets of answers; then the client waits
  std::size_t of_user = 4;                // times as many calls, and as many that wait, of all clients of a user
};

// What all clients of one user have.
struct UserAccount {
  std::size_t calls = 0;
  std::size_t waiting = 0;
  std::size_t busy = 0;  // clients that have any
};

class Account {
 public:
  explicit Account(AccountLimits limits = {}) : limits_(limits) {}

  // When it is known whose client it is.
  void belongs_to(std::shared_ptr<UserAccount> user) {
    user_ = std::move(user);
    user_->calls += calls_;
    user_->waiting += waiting_;
    user_->busy += is_busy() ? 1 : 0;
  }
  bool is_somebodys() const { return user_ != nullptr; }

  // `page`: its answer can be large. One of those at a time.
  bool may_begin(bool page) const {
    return has_room(&UserAccount::calls, calls_, limits_.calls) && !owes() && !(page && pages_ != 0);
  }
  void begun(bool page) {
    pages_ += page ? 1 : 0;
    count(calls_ + 1, waiting_);
  }
  void ended(bool page, std::size_t octets) {
    pages_ -= page ? 1 : 0;
    count(calls_ - 1, waiting_);
    charge(octets);
  }
  // Calls that wait for their turn.
  bool has_room_to_wait() const { return has_room(&UserAccount::waiting, waiting_, limits_.waiting); }
  void waits() { count(calls_, waiting_ + 1); }
  void waits_no_more(std::size_t calls = 1) { count(calls_, waiting_ - calls); }
  // Something was sent without a call of ours.
  void charge(std::size_t octets) { sent_ += octets; }

  bool idle() const { return calls_ == 0; }
  std::uint64_t sent() const { return sent_; }
  // It has to show first that it reads.
  bool owes() const { return sent_ - read_ >= limits_.unread; }
  // So much that not even a refusal is sent any more.
  bool is_deaf() const { return sent_ - read_ >= 2 * limits_.unread; }

  // Asked early, so that a client that reads never waits.
  bool ping_wanted() const { return !pinged_ && sent_ - read_ >= limits_.unread / 2; }
  void pinged() {
    pinged_ = true;
    ping_mark_ = sent_;
  }
  void ping_answered() {
    pinged_ = false;
    if (ping_mark_ > read_) read_ = ping_mark_;
  }
  void ping_lost() { pinged_ = false; }
  void has_read_all() { read_ = sent_; }

 private:
  bool is_busy() const { return calls_ + waiting_ > 0; }
  bool has_room(std::size_t UserAccount::*of_all, std::size_t own, std::size_t most) const {
    if (own >= most) return false;
    if (!user_) return true;
    const std::size_t together = most * limits_.of_user;
    const std::size_t clients = std::max<std::size_t>(user_->busy, 1);
    return (*user_).*of_all < together || own < std::max<std::size_t>(together / clients, 1);
  }
  void count(std::size_t calls, std::size_t waiting) {
    if (user_) {
      user_->calls += calls - calls_;  // of less it is less
      user_->waiting += waiting - waiting_;
      user_->busy -= is_busy() ? 1 : 0;
      user_->busy += calls + waiting > 0 ? 1 : 0;
    }
    calls_ = calls;
    waiting_ = waiting;
  }

  AccountLimits limits_;
  std::shared_ptr<UserAccount> user_;
  std::size_t calls_ = 0;
  std::size_t waiting_ = 0;
  std::size_t pages_ = 0;
  std::uint64_t sent_ = 0;  // octets, ever
  std::uint64_t read_ = 0;  // so many of them for certain
  std::uint64_t ping_mark_ = 0;
  bool pinged_ = false;
};

}  // namespace backhaul::dbus
