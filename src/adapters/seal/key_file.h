// SPDX-License-Identifier: Apache-2.0
// The key of a service that has no better place for it: a file in its state folder that only its account
// can read. It protects the queue where that is copied without the key, and what stays of it on a disk. Where a
// keyring has the key, its name there is all that the file has; where systemd sealed it, that is what lies here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/seal/key.h"
#include "base/log.h"
#include "base/result.h"

namespace backhaul::seal {

// Where the key is, if it does not lie in its file as it is.
struct KeptElsewhere {
  enum class By : std::uint8_t { keyring, systemd };
  By by = By::keyring;
  std::string text;  // its name there; of systemd: what it sealed

  bool operator==(const KeptElsewhere&) const = default;
};

// Reads it, or makes it where there is none. What is no key is set aside, and what others can read is not
// theirs any more; both is said in the log. If it is elsewhere nothing was put into `key`.
base::Result<std::optional<KeptElsewhere>> read_key_file(const std::string& path, Key& key, base::Log& log);
base::Result<void> write_key_file(const std::string& path, const Key& key);
// This takes the place of the key, and the key is overwritten where it lay.
base::Result<void> leave_in_place_of_key(const std::string& path, const KeptElsewhere& kept);

}  // namespace backhaul::seal
