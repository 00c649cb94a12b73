// SPDX-License-Identifier: Apache-2.0
// The files by which a machine is known, and knows others. Who else could read or write them decides whether they
// count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace backhaul::neighbours {

enum class Whose : std::uint8_t {
  ours_alone,     // a secret of this account; whoever gets it wipes it
  given,          // a secret that root may have laid down for a group of accounts
  open_to_read,   // nobody else may write to it
};

// Unset: it is not there.
base::Result<std::optional<std::string>> read_own_file(const std::string& path, Whose whose);

}  // namespace backhaul::neighbours
