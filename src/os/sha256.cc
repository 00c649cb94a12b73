// SPDX-License-Identifier: Apache-2.0
#include "os/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <span>

#include "base/hex.h"

namespace backhaul::os {

std::string sha256(std::string_view octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  std::size_t size = 0;
  EVP_Q_digest(nullptr, "SHA256", nullptr, octets.data(), octets.size(), value.data(), &size);
  return base::to_hex(std::span(value).first(size));
}

}  // namespace backhaul::os
