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

#include "adapters/sqlite/rows.h"
#include "base/result.h"

namespace backhaul::sqlite {

struct Record {
  std::uint64_t commits = 0;
  std::uint64_t next_sequence = 1;
  std::uint64_t jobs = 0;
  std::uint64_t files = 0;
  base::ServiceTime service_time{};
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

// What is believed of the queue's own row, if it is sound, and of its record: where they are not of
// the same commit, or of two that follow each other, the higher number and the shorter time, so that
// nothing is told twice and nothing ends for having waited too long. Unset: nothing is known.
std::optional<QueueNumbers> agreed(const std::optional<QueueNumbers>& row,
                                   const std::optional<Record>& record);

// "queue.record" beside "queue.db".
std::string record_path(const std::string& database);

}  // namespace backhaul::sqlite
