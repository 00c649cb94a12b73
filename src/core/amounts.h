// SPDX-License-Identifier: Apache-2.0
// Amounts as people want to read them in a sentence.
#pragma once

#include <cstdint>
#include <string>

namespace backhaul::core {

// "812 B", "1.5 GiB".
std::string amount_text(std::uint64_t octets);

}  // namespace backhaul::core
