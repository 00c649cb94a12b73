// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/tail.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <span>

#include "adapters/posix/failure.h"
#include "core/part.h"

namespace backhaul::posix {

base::Result<std::uint64_t> tail_of(int fd, std::uint64_t end, const std::string& path) {
  core::TailDigest digest;
  std::array<std::byte, 16 * 1024> bytes;
  for (std::uint64_t at = end - std::min(end, core::tail_length); at < end;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(end - at, bytes.size()));
    const ssize_t got = pread(fd, bytes.data(), wanted, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("read", path);
    if (got == 0) break;
    digest.add(std::span(bytes).first(static_cast<std::size_t>(got)));
    at += static_cast<std::uint64_t>(got);
  }
  return digest.value();
}

}  // namespace backhaul::posix
