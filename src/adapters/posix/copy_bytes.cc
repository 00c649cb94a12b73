// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/copy_bytes.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "adapters/posix/failure.h"
#include "adapters/posix/read_at.h"

namespace backhaul::posix {
namespace {

constexpr std::size_t copied_at_once = 1024 * 1024;

}  // namespace

bool share_blocks(int from, int to) { return ioctl(to, FICLONE, from) == 0; }

base::Error copy_stopped() { return local_error(base::Code::E_ABORT, "It is not wanted any more."); }

base::Result<void> copy_bytes(int from, int to, core::Extent bytes, const std::string& path,
                              const std::atomic<bool>& stopped) {
  std::vector<std::byte> piece(std::min<std::uint64_t>(copied_at_once, bytes.length()));
  for (std::uint64_t done = bytes.begin; done < bytes.end;) {
    if (stopped) return copy_stopped();
    const auto part = std::span(piece).first(std::min<std::uint64_t>(piece.size(), bytes.end - done));
    BH_TRY(const std::size_t there, read_at(from, part, done, path));
    if (there < part.size())
      return local_error(base::Code::BG_E_LOCAL_FILE_CHANGED, path + " is shorter than it was.");
    for (std::span<const std::byte> rest(part); !rest.empty();) {
      const ssize_t written = pwrite(to, rest.data(), rest.size(), static_cast<off_t>(done));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return failure("write the copy of", path, written == 0 ? ENOSPC : errno);
      done += static_cast<std::uint64_t>(written);
      rest = rest.subspan(static_cast<std::size_t>(written));
    }
  }
  return {};
}

}  // namespace backhaul::posix
