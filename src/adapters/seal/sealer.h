// SPDX-License-Identifier: Apache-2.0
// Sealer with the key of the key file, which a credential may have sealed there (credential.h), or of a place of which
// the file says that it has it (keyring.h, systemd_creds.h). The key is read when it is needed first: a queue without
// secrets has none.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/seal/credential.h"
#include "adapters/seal/key.h"
#include "adapters/seal/key_file.h"
#include "base/log.h"
#include "ports/sealer.h"

namespace backhaul::seal {

class KeySealer final : public ports::Sealer {
 public:
  KeySealer(std::string key_path, base::Log& log, Credential credential = {})
      : key_path_(std::move(key_path)), log_(log), credential_(std::move(credential)) {}

  base::Result<base::Text> seal(const core::SecretPlace& place, const base::Secret& value) override;
  base::Result<base::Secret> open(const core::SecretPlace& place, std::string_view sealed) override;

  // --- for the places
  // Where the key is and what it is called there. Unset: nowhere else than in its file.
  std::optional<KeptElsewhere> kept_elsewhere();
  bool has_key() const { return key_.has_value(); }
  void give_key(KeyView key);
  // The key that lies in the file, where it was read or made; null: it does not.
  const Key* key_in_file() const { return in_file_ && key_ ? &*key_ : nullptr; }
  // Called when there is one.
  void on_key_in_file(std::function<void()> callback);
  // Another place has it, durably: the file keeps this alone.
  base::Result<void> moved(const KeptElsewhere& kept);
  // The key that such a place gave lies in the file again.
  base::Result<void> came_back();

 private:
  base::Result<void> need_key();
  base::Result<void> read_file();
  base::Result<void> put_new_key();
  // By the credential.
  base::Result<void> seal_key();
  void open_key();

  const std::string key_path_;
  base::Log& log_;
  const Credential credential_;
  std::optional<Key> key_;
  std::optional<KeptElsewhere> kept_;
  bool in_file_ = false;
  std::function<void()> key_in_file_;
};

}  // namespace backhaul::seal
