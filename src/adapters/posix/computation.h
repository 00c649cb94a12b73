// SPDX-License-Identifier: Apache-2.0
// A digest of a file that is being computed. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "core/digest.h"
#include "os/hash.h"

namespace backhaul::posix {

class Computation {
 public:
  explicit Computation(core::DigestAlgorithm algorithm) : algorithm_(algorithm), hash_(core::to_word(algorithm)) {}

  void add(std::span<const std::byte> bytes) { hash_.add(bytes); }
  // A library that was built, or told, to do without the algorithm refuses: BG_E_INVALID_HASH_ALGORITHM.
  base::Result<core::Digest> end();

 private:
  core::DigestAlgorithm algorithm_;
  os::Hash hash_;
};

}  // namespace backhaul::posix
