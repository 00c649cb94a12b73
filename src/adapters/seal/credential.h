// SPDX-License-Identifier: Apache-2.0
// The credential of the service of the machine: a key that systemd unseals for it by the TPM or the key of the machine
// (LoadCredentialEncrypted=). It seals the key of the queue, and what it sealed lies in the file of that key. It is
// read when the service begins, and systemd gives it to nobody later than that.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/seal/key.h"
#include "base/log.h"

namespace backhaul::seal {

class Credential {
 public:
  Credential() = default;  // there is none
  // `folder`: CREDENTIALS_DIRECTORY, null where it is not set. Where it may not have the key of the queue it only
  // opens what it sealed before. What is wrong with it is said in the log.
  Credential(const char* folder, bool may_have_key, base::Log& log);

  bool may_have_key() const { return may_have_key_; }
  // The key of the queue is sealed by it.
  bool seals() const { return may_have_key_ && key_ != nullptr; }
  // There is one, and it is no key. Whoever made it wants no key that lies in a file as it is: nothing is sealed.
  bool is_unusable() const { return unusable_; }

  // Unset: there are no random numbers. Only where there is one.
  std::optional<std::string> seal(KeyView key) const;
  // False: there is none, or it is not the one that sealed this; then `key` is as it was.
  bool open(std::string_view sealed, Key& key) const;

 private:
  std::unique_ptr<Key> key_;
  bool may_have_key_ = true;
  bool unusable_ = false;
};

}  // namespace backhaul::seal
