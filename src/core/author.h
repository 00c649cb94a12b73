// SPDX-License-Identifier: Apache-2.0
// Who made or set something, for people to read. Only the uid is certain: the bus vouches for it.
// The program is what /proc said about the caller; it can be anything and nothing rests on it.
#pragma once

#include <cstdint>

#include "base/text.h"
#include "base/time.h"

namespace backhaul::core {

struct Author {
  std::uint32_t uid = 0;
  base::Text program;  // empty: not known
  base::WallTime time{};

  bool operator==(const Author&) const = default;
};

}  // namespace backhaul::core
