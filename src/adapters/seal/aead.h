// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM by OpenSSL: what is sealed can be neither read nor changed without the key, nor moved to
// another place, whose name is authenticated with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace backhaul::seal {

inline constexpr std::size_t key_size = 32;
using KeyView = std::span<const std::uint8_t, key_size>;

// A fresh nonce, the ciphertext and its tag, as base64. Unset: there are no random numbers.
std::optional<std::string> seal(KeyView key, std::string_view place, std::string_view value);
// Unset: another key, another place, or not what was sealed.
std::optional<base::Secret> open(KeyView key, std::string_view place, std::string_view sealed);

}  // namespace backhaul::seal
