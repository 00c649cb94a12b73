// SPDX-License-Identifier: Apache-2.0
// With logs that SQLite wrote.
#include "adapters/sqlite/wal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "adapters/sqlite/database.h"

namespace backhaul::sqlite {
namespace {

namespace fs = std::filesystem;

class LogOfDatabase : public ::testing::Test {
 protected:
  LogOfDatabase() {
    fs::create_directory(folder_);
    std::ofstream(path_).flush();
  }
  ~LogOfDatabase() override {
    database_.reset();
    fs::remove_all(folder_);
  }
  void SetUp() override {
    database_.emplace(*Database::open(path_));
    ASSERT_TRUE(database_->run("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER, s TEXT)"));
  }
  void insert(int rows) {
    for (int i = 0; i < rows; ++i)
      ASSERT_TRUE(database_->run("INSERT INTO t VALUES (1, hex(randomblob(900)))"));
  }
  Wal read() {
    auto wal = read_wal(path_ + "-wal");
    EXPECT_TRUE(wal);
    return wal ? *wal : Wal{};
  }
  void flip(std::uint64_t at) {
    std::fstream file(path_ + "-wal", std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const int before = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(before ^ 0x40));
  }
  static std::size_t unsound(const Wal& wal) {
    std::size_t count = 0;
    for (const Frame& frame : wal.frames) count += frame.sound ? 0 : 1;
    return count;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("wal-" + std::to_string(getpid()));
  const std::string path_ = folder_ / "a.db";
  std::optional<Database> database_;
};

TEST_F(LogOfDatabase, EveryFrameThatSqliteWroteVerifies) {
  insert(20);
  const Wal wal = read();
  EXPECT_EQ(wal.page_size, 4096U);
  EXPECT_FALSE(wal.broken);
  EXPECT_EQ(unsound(wal), 0U);
  EXPECT_EQ(static_cast<int>(wal.frames.size()), database_->wal_frames());
  EXPECT_TRUE(wal.frames.back().commit);
}

TEST_F(LogOfDatabase, OneFlippedByteCostsOneFrame) {
  insert(20);
  const Wal whole = read();
  const std::size_t hit = whole.frames.size() / 2;
  flip(whole.frames[hit].offset + 100);
  const Wal wal = read();
  EXPECT_TRUE(wal.broken);
  EXPECT_EQ(wal.frames.size(), whole.frames.size());
  EXPECT_EQ(unsound(wal), 1U);
  EXPECT_FALSE(wal.frames[hit].sound);
}

TEST_F(LogOfDatabase, ADamagedHeaderHidesNothing) {
  insert(5);
  const Wal whole = read();
  flip(17);  // the salt
  const Wal wal = read();
  EXPECT_TRUE(wal.broken);
  EXPECT_EQ(wal.frames.size(), whole.frames.size());
  EXPECT_EQ(unsound(wal), 0U);
}

TEST_F(LogOfDatabase, WhatIsLeftOfAnEarlierRoundDoesNotCount) {
  insert(20);
  ASSERT_TRUE(*database_->checkpoint());
  insert(1);  // begins the log anew, over the first frames
  const Wal wal = read();
  EXPECT_FALSE(wal.broken);
  EXPECT_EQ(static_cast<int>(wal.frames.size()), database_->wal_frames());
}

// What was forgotten is to be gone from it, also where a checkpoint came in between.
TEST_F(LogOfDatabase, IsEmptiedAlsoWhereAllOfItWasTakenBefore) {
  insert(20);
  ASSERT_TRUE(*database_->checkpoint());
  EXPECT_EQ(database_->wal_frames(), 0);
  EXPECT_GT(fs::file_size(path_ + "-wal"), 0U);
  ASSERT_TRUE(*database_->checkpoint(true));
  EXPECT_EQ(fs::file_size(path_ + "-wal"), 0U);
}

TEST_F(LogOfDatabase, ATransactionThatWasNotFinishedDoesNotCount) {
  insert(20);
  const Wal whole = read();
  fs::resize_file(path_ + "-wal", whole.frames.back().offset + 4000);
  const Wal wal = read();
  EXPECT_LT(wal.frames.size(), whole.frames.size());
  EXPECT_FALSE(wal.broken);
}

TEST_F(LogOfDatabase, NoLogAndNonsenseAreEmpty) {
  EXPECT_EQ(read_wal(folder_ / "none")->page_size, 0U);
  std::ofstream(folder_ / "short") << "journal";
  EXPECT_TRUE(read_wal(folder_ / "short")->frames.empty());
  std::ofstream(folder_ / "long") << std::string(100'000, 'x');
  EXPECT_TRUE(read_wal(folder_ / "long")->frames.empty());
}

}  // namespace
}  // namespace backhaul::sqlite
