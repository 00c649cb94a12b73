// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/computation.h"

#include <string>

#include "adapters/posix/failure.h"
#include "base/hex.h"

namespace backhaul::posix {
base::Result<core::Digest> Computation::end() {
  const std::string octets = hash_.end();
  if (octets.size() == core::digest_bytes(algorithm_)) return core::Digest{algorithm_, base::to_hex(octets)};
  return local_error(base::Code::BG_E_INVALID_HASH_ALGORITHM,
                     "OpenSSL computes no " + std::string(core::to_word(algorithm_)) + " here.");
}

}  // namespace backhaul::posix
