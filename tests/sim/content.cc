// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/content.h"

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

}  // namespace backhaul::sim
