// SPDX-License-Identifier: Apache-2.0
// What the queue held after its last commit, in a small file beside the database. A database can lose
// its end, or all of itself, and still read without an error; the record is what it is compared with.
// It is written after each commit and not synced: after a power failure it may be older than the
// database, which proves nothing, but never newer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"

namespace backhaul::sqlite {

struct Record {
  std::uint64_t commits = 0;
  std::uint64_t next_sequence = 1;
  std::uint64_t jobs = 0;
  std::uint64_t files = 0;
  bool damaged = false;  // SQLite met damage while the queue was in use: nothing rests on it any more

  bool operator==(const Record&) const = default;
};

class RecordFile {
 public:
  // Made if there is none. An error: what stands there cannot be opened, or is no file.
  static base::Result<RecordFile> open(const std::string& path);
  RecordFile(RecordFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RecordFile& operator=(RecordFile&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~RecordFile();

  // Unset: nothing was written yet. An error: what stands there is not a record.
  base::Result<std::optional<Record>> read() const;
  base::Result<void> write(const Record& record);
  base::Result<void> sync();

 private:
  explicit RecordFile(int fd) : fd_(fd) {}
  int fd_;
};

// "queue.record" beside "queue.db".
std::string record_path(const std::string& database);

}  // namespace backhaul::sqlite
