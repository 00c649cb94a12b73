// SPDX-License-Identifier: Apache-2.0
#include "os/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <span>
#include <vector>

#include "base/hex.h"

namespace backhaul::os {

std::string hmac_sha256(std::string_view secret, std::string_view octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  std::size_t size = 0;
  const auto* said = reinterpret_cast<const unsigned char*>(octets.data());
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, secret.data(), secret.size(), said, octets.size(),
                value.data(), value.size(), &size) == nullptr)
    return {};
  return base::to_hex(std::span(value).first(size));
}

bool is_same_proof(std::string_view one, std::string_view other) {
  return !one.empty() && one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string random_hex(std::size_t octets) {
  std::vector<unsigned char> drawn(octets);
  if (RAND_bytes(drawn.data(), static_cast<int>(drawn.size())) != 1) return {};
  return base::to_hex(drawn);
}

}  // namespace backhaul::os
