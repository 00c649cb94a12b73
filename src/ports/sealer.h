// SPDX-License-Identifier: Apache-2.0
// Sealer: makes of a secret what may be stored, and opens it again. The key is the adapter's business; it
// protects what lies on a disk, in a copy or in a backup, not against who can act as this account. A
// sealed value is text, other each time, and opens only at the place for which it was sealed. Loop thread
// only; nothing waits.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/text.h"
#include "core/secrets.h"

namespace backhaul::ports {

class Sealer {
 public:
  virtual ~Sealer() = default;
  // Fails where there is no key and none can be made. NOT_LOGGED_ON, here and below: its user, or whoever runs the
  // machine, keeps the key where it cannot be had now.
  virtual base::Result<base::Text> seal(const core::SecretPlace& place, const base::Secret& value) = 0;
  // BG_E_DATABASE_CORRUPT: it was sealed with another key or for another place, or has changed.
  virtual base::Result<base::Secret> open(const core::SecretPlace& place, std::string_view sealed) = 0;
};

}  // namespace backhaul::ports
