// SPDX-License-Identifier: Apache-2.0
// How the bytes of a part get to the disk. The beginning of a part, and what is not aligned, goes by the
// page cache, a window at a time. The rest of a long one goes past it (O_DIRECT), where the file system
// can: that is half of the processor time, and the cache of the machine stays with whoever uses the
// machine. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "adapters/posix/buffers.h"
#include "base/result.h"

namespace backhaul::posix {

struct WriteRules {
  // This many bytes are handed to the disk at once, and at most two such windows are on their way, so
  // that the commits of the queue do not queue up behind them.
  std::size_t window = 4 * 1024 * 1024;
  // From this place on, past the page cache. A short file is likely to be opened as soon as it is here.
  std::uint64_t direct_from = 32 * 1024 * 1024;
};

class PartWriter {
 public:
  explicit PartWriter(WriteRules rules) : rules_(rules) {}

  // From now on this file, which stays its owner's.
  void begin(int fd, std::string path, std::uint64_t place);
  // Buffers that lie behind each other. What is written then ends at place().
  base::Result<void> write(std::span<const Buffer> run);
  std::uint64_t place() const { return place_; }
  base::Result<void> begin_write_back();  // of everything, without waiting
  base::Result<void> sync();              // the data; reads go by the page cache then

 private:
  bool is_direct(const Buffer& buffer) const;
  base::Result<void> go_to(std::uint64_t place);
  base::Result<void> write_alike(std::span<const Buffer> run);
  bool set_direct(bool direct);
  bool give_up_direct();
  base::Result<void> keep_window();
  base::Result<void> write_back(std::uint64_t from, std::uint64_t length, unsigned flags);

  const WriteRules rules_;
  int fd_ = -1;
  std::string path_;
  bool direct_ = false;
  bool can_direct_ = true;
  // Of the run that is being written: where it goes on, from where on no write-back was begun, and
  // where the window before that begins, which was not waited for yet.
  std::uint64_t place_ = 0;
  std::uint64_t handed_over_ = 0;
  std::uint64_t window_begin_ = 0;
};

}  // namespace backhaul::posix
