// SPDX-License-Identifier: Apache-2.0
// Proofs that somebody knows a secret, and what they are made with.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace backhaul::os {

// HMAC-SHA-256 (RFC 2104), in lower-case hex.
std::string hmac_sha256(std::string_view secret, std::string_view octets);
// How long it takes tells nothing about where they differ.
bool is_same_proof(std::string_view one, std::string_view other);
// So many octets that nobody can foresee, in lower-case hex; empty: there are none to be had.
std::string random_hex(std::size_t octets);

}  // namespace backhaul::os
