// SPDX-License-Identifier: Apache-2.0
// Base64 as RFC 4648 has it, read as strictly as an encoder writes it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace backhaul::core {

// Unset: not what an encoder writes, or nothing.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace backhaul::core
