// SPDX-License-Identifier: Apache-2.0
// The key of a service that has no better place for it: a file in its state folder that only its account
// can read. It protects the queue where that is copied without the key, and what stays of it on a disk. Where a
// keyring has the key, its name there is all that the file has; where systemd or a credential sealed it, that is what
// lies here.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "adapters/seal/key.h"
#include "base/log.h"
#include "base/result.h"

namespace backhaul::seal {

// Where the key is, if it does not lie in its file as it is.
struct KeptElsewhere {
  enum class By : std::uint8_t { keyring, systemd, credential };
  By by = By::keyring;
  std::string text;  // its name there; of systemd and of a credential: the key as it was sealed

  bool operator==(const KeptElsewhere&) const = default;
};

// Reads it, or makes it where there is none; `put` then writes it, in one of the ways below. What is no key is set
// aside, and what others can read is not theirs any more; both is said in the log. If it is elsewhere nothing was put
// into `key`.
base::Result<std::optional<KeptElsewhere>> read_key_file(const std::string& path, Key& key,
                                                         const std::function<base::Result<void>()>& put, base::Log& log);
base::Result<void> write_key_file(const std::string& path, const Key& key);
// This takes the place of the key, and where one lay it is overwritten there.
base::Result<void> leave_in_place_of_key(const std::string& path, const KeptElsewhere& kept);

}  // namespace backhaul::seal
