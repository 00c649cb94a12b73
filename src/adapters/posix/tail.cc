// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/tail.h"

#include <cstddef>
#include <span>
#include <vector>

#include "adapters/posix/read_at.h"
#include "core/part.h"

namespace backhaul::posix {

base::Result<std::uint64_t> tail_of(int fd, const core::Extents& stored,
                                    const std::string& path) {
  const core::Extent tail = core::tail_extent(stored);
  std::vector<std::byte> bytes(static_cast<std::size_t>(tail.length()));
  BH_TRY(const std::size_t there, read_at(fd, bytes, tail.begin, path));
  core::TailDigest digest;
  digest.add(std::span(bytes).first(there));
  return digest.value();
}

}  // namespace backhaul::posix
