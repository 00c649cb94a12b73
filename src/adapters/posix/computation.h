// SPDX-License-Identifier: Apache-2.0
// One digest that is being computed, by OpenSSL. Used by one thread at a time.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <memory>
#include <span>

#include "base/result.h"
#include "core/digest.h"

namespace backhaul::posix {

class Computation {
 public:
  explicit Computation(core::DigestAlgorithm algorithm);

  void add(std::span<const std::byte> bytes);
  // A library that was built, or told, to do without the algorithm refuses: BG_E_INVALID_HASH_ALGORITHM.
  base::Result<core::Digest> end();

 private:
  core::DigestAlgorithm algorithm_;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  bool good_ = false;
};

}  // namespace backhaul::posix
