// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/read_at.h"

#include <unistd.h>

#include <cerrno>

#include "adapters/posix/failure.h"

namespace backhaul::posix {

base::Result<std::size_t> read_at(int fd, std::span<std::byte> into, std::uint64_t at,
                                  const std::string& path) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        pread(fd, into.data() + done, into.size() - done, static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("read", path);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

}  // namespace backhaul::posix
