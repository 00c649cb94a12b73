// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/piece_check.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/hex.h"
#include "core/shares.h"

namespace backhaul::curl {
PieceCheck::PieceCheck(core::Pieces expected, std::uint64_t size) : expected_(std::move(expected)), size_(size) {}

std::optional<core::Extent> PieceCheck::add(std::uint64_t place, std::span<const std::byte> bytes) {
  if (place != at_) hash_.reset();
  at_ = place;
  while (!bytes.empty() && at_ < size_) {
    piece_ = core::piece_around(at_, expected_.size.length, size_);
    if (at_ == piece_.begin) hash_.emplace(core::to_word(expected_.size.algorithm));
    const auto some = bytes.first(std::min<std::uint64_t>(bytes.size(), piece_.end - at_));
    if (hash_) hash_->add(some);
    at_ += some.size();
    bytes = bytes.subspan(some.size());
    if (at_ == piece_.end && is_wrong()) return piece_;
  }
  return std::nullopt;
}

// A library that was built, or told, to do without the algorithm judges nothing here; then the end of the file does.
bool PieceCheck::is_wrong() {
  const std::string octets = hash_ ? hash_->end() : std::string();
  hash_.reset();
  const std::uint64_t number = piece_.begin / expected_.size.length;
  if (octets.size() != core::digest_bytes(expected_.size.algorithm) || number >= expected_.count()) return false;
  return base::to_hex(octets) != expected_.digest(number);
}

}  // namespace backhaul::curl
