// SPDX-License-Identifier: Apache-2.0
// A digest of octets as they come, by OpenSSL. Used by one thread at a time.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace backhaul::os {

class Hash {
 public:
  // By its name, in any case: "sha256", "sha512", "sha1", "blake2b-512", "blake2s-256".
  explicit Hash(std::string_view algorithm);

  void add(std::span<const std::byte> octets);
  // The octets of the digest, once; empty: OpenSSL was built, or told, to do without this algorithm.
  std::string end();

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  bool good_ = false;
};

// With the padding of RFC 4648.
std::string base64(std::string_view octets);

}  // namespace backhaul::os
