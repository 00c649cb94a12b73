// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/computation.h"

#include <string>
#include <utility>

#include "adapters/posix/failure.h"
#include "base/hex.h"

namespace backhaul::posix {
namespace {

const EVP_MD* implementation_of(core::DigestAlgorithm algorithm) {
  switch (algorithm) {
    case core::DigestAlgorithm::sha256: return EVP_sha256();
    case core::DigestAlgorithm::sha512: return EVP_sha512();
    case core::DigestAlgorithm::blake2b_512: return EVP_blake2b512();
    case core::DigestAlgorithm::blake2s_256: return EVP_blake2s256();
    case core::DigestAlgorithm::sha1: return EVP_sha1();
  }
  std::unreachable();
}

}  // namespace

Computation::Computation(core::DigestAlgorithm algorithm)
    : algorithm_(algorithm), context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
  good_ = context_ && EVP_DigestInit_ex(context_.get(), implementation_of(algorithm), nullptr) == 1;
}

void Computation::add(std::span<const std::byte> bytes) {
  good_ = good_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
}

base::Result<core::Digest> Computation::end() {
  std::string bytes(core::digest_bytes(algorithm_), '\0');
  unsigned size = 0;
  good_ = good_ &&
          EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size) == 1;
  if (good_ && size == bytes.size()) return core::Digest{algorithm_, base::to_hex(bytes)};
  return local_error(base::Code::BG_E_INVALID_HASH_ALGORITHM,
                     "OpenSSL computes no " + std::string(core::to_word(algorithm_)) + " here.");
}

}  // namespace backhaul::posix
