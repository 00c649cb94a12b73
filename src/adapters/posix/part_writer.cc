// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/part_writer.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "adapters/posix/failure.h"

namespace backhaul::posix {
namespace {

constexpr std::size_t most_pieces = 64;  // buffers in one write call

}  // namespace

void PartWriter::begin(int fd, std::string path, std::uint64_t place) {
  fd_ = fd;
  path_ = std::move(path);
  direct_ = false;
  can_direct_ = true;
  place_ = handed_over_ = window_begin_ = place;
}

base::Result<void> PartWriter::write(std::span<const Buffer> run) {
  BH_CHECK(go_to(run.front().place()));
  while (!run.empty()) {
    const bool direct = is_direct(run.front()) && set_direct(true);
    if (!direct) set_direct(false);
    std::size_t count = 1;
    while (count < std::min(run.size(), most_pieces) && is_direct(run[count]) == direct) ++count;
    // The pages before are on their way, and what goes past them needs no window.
    if (direct) BH_CHECK(begin_write_back());
    BH_CHECK(write_alike(run.first(count)));
    if (direct) handed_over_ = window_begin_ = place_;
    BH_CHECK(keep_window());
    run = run.subspan(count);
  }
  return {};
}

bool PartWriter::is_direct(const Buffer& buffer) const {
  return can_direct_ && buffer.place() >= rules_.direct_from && buffer.aligned();
}

// Another run: what was written of the last one goes to the disk by itself.
base::Result<void> PartWriter::go_to(std::uint64_t place) {
  if (place == place_) return {};
  BH_CHECK(begin_write_back());
  place_ = handed_over_ = window_begin_ = place;
  return {};
}

base::Result<void> PartWriter::write_alike(std::span<const Buffer> run) {
  std::array<iovec, most_pieces> pieces;
  std::size_t count = 0;
  for (const Buffer& buffer : run)
    pieces[count++] = {const_cast<std::byte*>(buffer.data().data()), buffer.data().size()};
  std::span<iovec> rest(pieces.data(), count);
  while (!rest.empty()) {
    const ssize_t written =
        pwritev(fd_, rest.data(), static_cast<int>(rest.size()), static_cast<off_t>(place_));
    if (written < 0 && errno == EINTR) continue;
    // The file system wants larger blocks, or only a part of the last piece had room.
    if (written < 0 && errno == EINVAL && direct_ && give_up_direct()) continue;
    if (written <= 0) return failure("write to", path_, written == 0 ? ENOSPC : errno);
    place_ += static_cast<std::uint64_t>(written);
    auto done = static_cast<std::size_t>(written);
    while (!rest.empty() && done >= rest.front().iov_len) {
      done -= rest.front().iov_len;
      rest = rest.subspan(1);
    }
    if (rest.empty()) break;
    rest.front().iov_base = static_cast<std::byte*>(rest.front().iov_base) + done;
    rest.front().iov_len -= done;
  }
  return {};
}

// False: the file system cannot.
bool PartWriter::set_direct(bool direct) {
  if (direct == direct_) return true;
  const int flags = fcntl(fd_, F_GETFL);
  if (flags < 0 || fcntl(fd_, F_SETFL, direct ? flags | O_DIRECT : flags & ~O_DIRECT) != 0) {
    can_direct_ = false;
    return false;
  }
  direct_ = direct;
  return true;
}

bool PartWriter::give_up_direct() {
  can_direct_ = false;
  return set_direct(false);
}

base::Result<void> PartWriter::keep_window() {
  while (place_ - handed_over_ >= rules_.window) {
    BH_CHECK(write_back(handed_over_, rules_.window, SYNC_FILE_RANGE_WRITE));
    if (handed_over_ > window_begin_)
      BH_CHECK(write_back(window_begin_, handed_over_ - window_begin_,
                          SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                              SYNC_FILE_RANGE_WAIT_AFTER));
    window_begin_ = handed_over_;
    handed_over_ += rules_.window;
  }
  return {};
}

base::Result<void> PartWriter::begin_write_back() {
  if (place_ == handed_over_) return {};
  const std::uint64_t from = std::exchange(handed_over_, place_);
  return write_back(from, place_ - from, SYNC_FILE_RANGE_WRITE);
}

// The kernel tells of a lost write once per descriptor: an error here must count, because the sync
// that follows would know nothing of it.
base::Result<void> PartWriter::write_back(std::uint64_t from, std::uint64_t length, unsigned flags) {
  if (sync_file_range(fd_, static_cast<off_t>(from), static_cast<off_t>(length), flags) == 0) return {};
  if (errno == EIO || errno == ENOSPC || errno == EDQUOT) return failure("write to", path_);
  return {};  // a file system that does not know the call: the sync does it all
}

// What went past the page cache is told as written, but may be in the disk's own, and its length in
// nobody's.
base::Result<void> PartWriter::sync() {
  if (fdatasync(fd_) != 0) return failure("sync", path_);
  handed_over_ = window_begin_ = place_;
  set_direct(false);
  return {};
}

}  // namespace backhaul::posix
