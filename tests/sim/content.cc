// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/content.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/part.h"

namespace backhaul::sim {

void Content::append(std::uint32_t version, std::uint64_t from, std::uint64_t length) {
  if (length == 0) return;
  if (!extents_.empty()) {
    Extent& last = extents_.back();
    if (last.version == version && last.from + last.length == from) {
      last.length += length;
      size_ += length;
      return;
    }
  }
  extents_.push_back({size_, length, version, from});
  size_ += length;
}

void Content::truncate(std::uint64_t size) {
  if (size >= size_) return;
  while (!extents_.empty() && extents_.back().at >= size) extents_.pop_back();
  if (!extents_.empty()) extents_.back().length = size - extents_.back().at;
  size_ = size;
}

Content Content::prefix(std::uint64_t size) const {
  Content copy = *this;
  copy.truncate(size);
  return copy;
}

std::optional<std::uint32_t> Content::version() const {
  if (extents_.size() != 1 || extents_[0].from != 0 || extents_[0].version == garbage)
    return std::nullopt;
  return extents_[0].version;
}

std::uint64_t Content::tail(std::uint64_t size) const {
  const std::uint64_t end = std::min(size, size_);
  const std::uint64_t begin = end - std::min(end, core::tail_length);
  core::TailDigest digest;
  for (const Extent& extent : extents_) {
    const std::uint64_t from = std::max(begin, extent.at);
    const std::uint64_t until = std::min(end, extent.at + extent.length);
    if (from >= until) continue;
    const std::array<std::uint64_t, 3> piece{extent.version, extent.from + (from - extent.at),
                                             until - from};
    digest.add(std::as_bytes(std::span(piece)));
  }
  return digest.value();
}

}  // namespace backhaul::sim
