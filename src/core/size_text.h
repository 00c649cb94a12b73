// SPDX-License-Identifier: Apache-2.0
// Sizes for people, in the style of the command: units of 1024, three or four digits. Where two sizes are compared
// that may differ by little, and for programs, octets are told instead.
#pragma once

#include <cstdint>
#include <string>

namespace backhaul::core {

// "812B", "1.5M".
std::string size_text(std::uint64_t bytes);

}  // namespace backhaul::core
