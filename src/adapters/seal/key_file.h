// SPDX-License-Identifier: Apache-2.0
// The key of a service that has no better place for it: a file in its state folder that only its account
// can read. It protects the queue where that is copied without the key, and what stays of it on a disk. Where a
// keyring has the key, its name there is all that the file has.
#pragma once

#include <optional>
#include <string>

#include "adapters/seal/key.h"
#include "base/log.h"
#include "base/result.h"

namespace backhaul::seal {

// Reads it, or makes it where there is none. What is no key is set aside, and what others can read is not
// theirs any more; both is said in the log. A name: there it is, and nothing was put into `key`.
base::Result<std::optional<std::string>> read_key_file(const std::string& path, Key& key, base::Log& log);
base::Result<void> write_key_file(const std::string& path, const Key& key);
// The name takes the place of the key, and the key is overwritten where it lay.
base::Result<void> leave_name_of_key(const std::string& path, const std::string& name);

}  // namespace backhaul::seal
