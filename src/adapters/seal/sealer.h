// SPDX-License-Identifier: Apache-2.0
// Sealer with the key of the key file, or of a keyring of which the file says that it has it (keyring.h). The
// key is read when it is needed first: a queue without secrets has none.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "adapters/seal/key.h"
#include "base/log.h"
#include "ports/sealer.h"

namespace backhaul::seal {

class KeySealer final : public ports::Sealer {
 public:
  KeySealer(std::string key_path, base::Log& log) : key_path_(std::move(key_path)), log_(log) {}

  base::Result<base::Text> seal(const core::SecretPlace& place, const base::Secret& value) override;
  base::Result<base::Secret> open(const core::SecretPlace& place, std::string_view sealed) override;

  // --- for the keyring
  // The name under which a keyring has the key. Unset: none has it.
  std::optional<std::string> kept_as();
  bool has_key() const { return key_.has_value(); }
  void give_key(KeyView key);
  // The key that lies in the file, where it was read or made; null: it does not.
  const Key* key_in_file() const { return in_file_ && key_ ? &*key_ : nullptr; }
  // Called when there is one.
  void on_key_in_file(std::function<void()> callback);
  // A keyring has it, durably: the file keeps the name alone.
  base::Result<void> moved(const std::string& name);
  // The key that a keyring gave lies in the file again.
  base::Result<void> came_back();

 private:
  base::Result<void> need_key();

  const std::string key_path_;
  base::Log& log_;
  std::optional<Key> key_;
  std::optional<std::string> kept_as_;
  bool in_file_ = false;
  std::function<void()> key_in_file_;
};

}  // namespace backhaul::seal
