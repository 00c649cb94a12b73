// SPDX-License-Identifier: Apache-2.0
// ASCII armour of OpenPGP (RFC 9580 §6.2): signatures and keys travel as text.
#pragma once

#include <string>
#include <string_view>

namespace backhaul::cli {

// What is no text as "-----BEGIN PGP KIND-----"; a text as it is.
std::string in_armour(std::string bytes, std::string_view kind);

}  // namespace backhaul::cli
