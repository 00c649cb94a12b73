// SPDX-License-Identifier: Apache-2.0
// The keyring of the session (org.freedesktop.secrets): where one is there and open, the key of the queue is
// moved into it from its file, and comes back from it. It is never started for that, and nobody is asked to
// open it: until its user does, the key is not at hand. The bus carries the key in plain, as it carries the
// passwords of its user.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/seal/sealer.h"
#include "base/log.h"
#include "bus/bus.h"
#include "loop/loop.h"

namespace backhaul::seal {

class Keyring {
 public:
  // Waits for the key, where it is in a keyring: for a second at most. `key_came`: later than that. Where it may
  // not be there, it comes back into its file.
  Keyring(loop::Loop& loop, const std::string& bus_address, bool may_have_key, KeySealer& sealer, base::Log& log,
          std::function<void()> key_came);
  // Called when the key lies in its file and no keyring is there for it, at once where that is so.
  void on_key_left(std::function<void()> callback);
  Keyring(const Keyring&) = delete;
  Keyring& operator=(const Keyring&) = delete;

 private:
  bool wants_key() const { return id_ && !sealer_.has_key(); }
  void begin(loop::Loop& loop, bus::Bus connected);
  void wait_for_first_answers();
  void appeared();
  void look();
  void search();
  void fetch(const bus::ObjectPath& item);
  void say_once(base::LogLevel level, const std::string& text);
  // Moving it, in these steps.
  void move();
  void look_at_collection(const bus::ObjectPath& collection);
  void store(const bus::ObjectPath& collection);
  void prove(const bus::ObjectPath& item);
  void stay();

  const bool may_have_key_;
  KeySealer& sealer_;
  base::Log& log_;
  const std::function<void()> key_came_;
  std::optional<bus::Bus> bus_;
  std::function<void()> key_left_;
  std::optional<std::string> id_;  // of the key, where it is in a keyring
  std::string new_id_;             // under which it is being moved
  bus::ObjectPath session_;        // with the keyring; empty: none
  bool busy_ = false;              // a call is under way
  bool again_ = false;             // something changed meanwhile
  bool told_ = false;
  std::string said_;
  bus::Slot owner_, changes_, call_;
};

}  // namespace backhaul::seal
