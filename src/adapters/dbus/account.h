// SPDX-License-Identifier: Apache-2.0
// What one client has under way, and how much of what it was answered it may not have read yet. The
// bus takes every answer at once and never says what was read, so this is known only from an answer
// of the client itself to a ping that went out behind its answers, or from a call that it cannot have
// made before.
#pragma once

#include <cstddef>
#include <cstdint>

namespace backhaul::dbus {

struct AccountLimits {
  std::size_t calls = 1024;               // not answered yet; more wait
  std::size_t waiting = 8192;             // and that many do; more are refused
  std::size_t unread = std::size_t{1} << 20;  // octets of answers; then the client waits
};

class Account {
 public:
  explicit Account(AccountLimits limits = {}) : limits_(limits) {}

  // `page`: its answer can be large. One of those at a time.
  bool may_begin(bool page) const {
    return calls_ < limits_.calls && !owes() && !(page && pages_ != 0);
  }
  void begun(bool page) {
    ++calls_;
    pages_ += page ? 1 : 0;
  }
  void ended(bool page, std::size_t octets) {
    --calls_;
    pages_ -= page ? 1 : 0;
    charge(octets);
  }
  // Something was sent without a call of ours.
  void charge(std::size_t octets) { sent_ += octets; }

  bool idle() const { return calls_ == 0; }
  std::uint64_t sent() const { return sent_; }
  // It has to show first that it reads.
  bool owes() const { return sent_ - read_ >= limits_.unread; }
  // So much that not even a refusal is sent any more.
  bool is_deaf() const { return sent_ - read_ >= 2 * limits_.unread; }
  bool has_room_to_wait(std::size_t waiting) const { return waiting < limits_.waiting; }

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
  AccountLimits limits_;
  std::size_t calls_ = 0;
  std::size_t pages_ = 0;
  std::uint64_t sent_ = 0;  // octets, ever
  std::uint64_t read_ = 0;  // so many of them for certain
  std::uint64_t ping_mark_ = 0;
  bool pinged_ = false;
};

}  // namespace backhaul::dbus
