// SPDX-License-Identifier: Apache-2.0
#include "core/introduction.h"

#include "base/hex.h"

namespace backhaul::core {
namespace {

constexpr std::size_t proof_digits = 64;

bool is_hex_of(std::string_view text, std::size_t digits) { return text.size() == digits && base::is_lower_hex(text); }

}  // namespace

// Each part has a fixed length, so no two introductions have the same words.
std::string words_of_asker(const Introduction& said) {
  return "backhaul introduction 1, who asks\n" + said.binding + '\n' + said.asker + '\n' + said.asked + '\n' +
         said.asker_nonce + '\n';
}

std::string words_of_asked(const Introduction& said) {
  return "backhaul introduction 1, who is asked\n" + said.binding + '\n' + said.asker + '\n' + said.asked + '\n' +
         said.asker_nonce + '\n' + said.asked_nonce + '\n';
}

bool is_nonce(std::string_view text) { return is_hex_of(text, 2 * nonce_octets); }
bool is_proof(std::string_view text) { return is_hex_of(text, proof_digits); }
bool is_group(std::string_view text) { return is_hex_of(text, group_digits); }

}  // namespace backhaul::core
