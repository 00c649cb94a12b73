// SPDX-License-Identifier: Apache-2.0
// The key of a service that has no better place for it: a file in its state folder that only its account
// can read. It protects the queue where that is copied without the key, and what stays of it on a disk.
#pragma once

#include <string>

#include "adapters/seal/key.h"
#include "base/log.h"
#include "base/result.h"

namespace backhaul::seal {

// Reads it, or makes it where there is none. What is no key is set aside, and what others can read is not
// theirs any more; both is said in the log.
base::Result<void> read_key_file(const std::string& path, Key& key, base::Log& log);

}  // namespace backhaul::seal
