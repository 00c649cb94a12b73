// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/record.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace backhaul::sqlite {
namespace {

class QueueRecord : public ::testing::Test {
 protected:
  QueueRecord() : path_(std::filesystem::temp_directory_path() / ("record-" + std::to_string(getpid()))) {}
  ~QueueRecord() override { std::filesystem::remove(path_); }
  std::string path_;
};

TEST_F(QueueRecord, WhatWasWrittenLastIsRead) {
  auto file = RecordFile::open(path_);
  ASSERT_TRUE(file);
  EXPECT_EQ(*file->read(), std::nullopt) << "a new one says nothing";
  for (const Record& record : {Record{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, true}, Record{},
                               Record{7, 4711, 3, 12, false}}) {
    ASSERT_TRUE(file->write(record));
    EXPECT_EQ(*file->read(), record);
  }
  auto again = RecordFile::open(path_);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again->read(), (Record{7, 4711, 3, 12, false}));
}

TEST_F(QueueRecord, WhatIsNoRecordIsAnErrorAndNotANumber) {
  auto file = RecordFile::open(path_);
  ASSERT_TRUE(file->write({7, 4711, 3, 12, false}));
  for (const int at : {0, 20, 33, 60, 90}) {
    std::fstream bytes(path_, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(at);
    const int before = bytes.get();
    bytes.seekp(at);
    bytes.put(static_cast<char>(before ^ 1));
    bytes.close();
    EXPECT_FALSE(file->read()) << at;
    ASSERT_TRUE(file->write({7, 4711, 3, 12, false}));
  }
  std::ofstream(path_) << "short";
  EXPECT_FALSE(file->read());
}

TEST(QueueRecordPath, IsBesideTheDatabase) {
  EXPECT_EQ(record_path("/state/queue.db"), "/state/queue.record");
}

}  // namespace
}  // namespace backhaul::sqlite
