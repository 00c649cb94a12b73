// SPDX-License-Identifier: Apache-2.0
// The write-ahead log of a database, read by ourselves after SQLite's published file format. SQLite
// stops at the first frame that does not verify and forgets what is behind it; here a frame is judged
// by the checksum of the one before as that was written, so that one flipped byte costs one page.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace backhaul::sqlite {

struct Frame {
  std::uint32_t page = 0;
  bool commit = false;        // the last one of a transaction
  bool sound = false;         // its checksum is right
  std::uint64_t offset = 0;   // of the page in the file
};

struct Wal {
  std::uint32_t page_size = 0;  // 0: there is no log, or nothing in it
  std::vector<Frame> frames;    // of its present round, up to the last sound commit
  // Commits stand behind a frame that does not verify: SQLite does not see them.
  bool broken = false;
};

// A log that is missing or holds nothing is no error.
base::Result<Wal> read_wal(const std::string& path);

}  // namespace backhaul::sqlite
