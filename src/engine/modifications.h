// SPDX-License-Identifier: Apache-2.0
// JobModification: best effort, merged, at most one on its way to one callee and one to come.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/ids.h"
#include "base/time.h"

namespace backhaul::engine {

struct Modification {
  bool due = false;
  // Whose call has not returned: the number of the object's registration, 0 for a class.
  std::optional<std::uint64_t> called;
  base::BootTime not_before{};

  bool operator==(const Modification&) const = default;
};

using Modifications = std::unordered_map<base::JobId, Modification>;

}  // namespace backhaul::engine
