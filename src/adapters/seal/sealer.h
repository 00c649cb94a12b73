// SPDX-License-Identifier: Apache-2.0
// Sealer with the key of the key file. The key is read when it is needed first: a queue without secrets
// has none.
#pragma once

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

 private:
  base::Result<void> need_key();

  const std::string key_path_;
  base::Log& log_;
  std::optional<Key> key_;
};

}  // namespace backhaul::seal
