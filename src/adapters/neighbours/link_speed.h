// SPDX-License-Identifier: Apache-2.0
// How fast the slowest interface is that is up, as the kernel tells.
#pragma once

#include <cstdint>
#include <string>

namespace backhaul::neighbours {

// Bits a second; 0: none of them says how fast it is, as those of wireless networks do not.
std::uint64_t slowest_link(const std::string& folder = "/sys/class/net");

}  // namespace backhaul::neighbours
