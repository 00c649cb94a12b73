// SPDX-License-Identifier: Apache-2.0
// SHA-256 of what is in memory.
#pragma once

#include <string>
#include <string_view>

namespace backhaul::os {

// In lower-case hex.
std::string sha256(std::string_view octets);

}  // namespace backhaul::os
