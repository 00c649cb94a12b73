// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/piece_check.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "core/shares.h"

namespace backhaul::curl {
namespace {

const EVP_MD* digest_of_piece(core::DigestAlgorithm algorithm) {
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

PieceCheck::PieceCheck(core::Pieces expected, std::uint64_t size) : expected_(std::move(expected)), size_(size) {}

std::optional<core::Extent> PieceCheck::add(std::uint64_t place, std::span<const std::byte> bytes) {
  if (place != at_) context_.reset();
  at_ = place;
  while (!bytes.empty() && at_ < size_) {
    piece_ = core::piece_around(at_, expected_.size.length, size_);
    if (at_ == piece_.begin) begin();
    const auto some = bytes.first(std::min<std::uint64_t>(bytes.size(), piece_.end - at_));
    if (context_ && EVP_DigestUpdate(context_.get(), some.data(), some.size()) != 1) context_.reset();
    at_ += some.size();
    bytes = bytes.subspan(some.size());
    if (at_ == piece_.end && is_wrong()) return piece_;
  }
  return std::nullopt;
}

// A library that was built, or told, to do without the algorithm judges nothing here; then the end of the file does.
void PieceCheck::begin() {
  context_.reset(EVP_MD_CTX_new());
  if (context_ && EVP_DigestInit_ex(context_.get(), digest_of_piece(expected_.size.algorithm), nullptr) != 1)
    context_.reset();
}

bool PieceCheck::is_wrong() {
  const Context context = std::exchange(context_, Context(nullptr, &EVP_MD_CTX_free));
  const std::uint64_t number = piece_.begin / expected_.size.length;
  if (!context || number >= expected_.count()) return false;
  std::string bytes(core::digest_bytes(expected_.size.algorithm), '\0');
  unsigned length = 0;
  if (EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(bytes.data()), &length) != 1) return false;
  return length == bytes.size() && base::to_hex(bytes) != expected_.digest(number);
}

}  // namespace backhaul::curl
