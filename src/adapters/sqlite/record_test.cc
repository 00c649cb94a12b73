// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/record.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace backhaul::sqlite {
namespace {

constexpr base::ServiceTime ran{std::chrono::hours(77)};

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
  for (const Record& record : {Record{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
                                      base::ServiceTime(base::Microseconds(service_time_max)), true}, Record{},
                               Record{7, 4711, 3, 12, ran, false}}) {
    ASSERT_TRUE(file->write(record));
    EXPECT_EQ(*file->read(), record);
  }
  auto again = RecordFile::open(path_);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again->read(), (Record{7, 4711, 3, 12, ran, false}));
}

TEST_F(QueueRecord, WhatIsNoRecordIsAnErrorAndNotANumber) {
  auto file = RecordFile::open(path_);
  ASSERT_TRUE(file->write({7, 4711, 3, 12, ran, false}));
  for (const int at : {0, 20, 33, 60, 90}) {
    std::fstream bytes(path_, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(at);
    const int before = bytes.get();
    bytes.seekp(at);
    bytes.put(static_cast<char>(before ^ 1));
    bytes.close();
    EXPECT_FALSE(file->read()) << at;
    ASSERT_TRUE(file->write({7, 4711, 3, 12, ran, false}));
  }
  std::ofstream(path_) << "short";
  EXPECT_FALSE(file->read());
}

TEST(QueueNumbers, WhereTheRowAndTheRecordDifferTheShorterTimeAndTheHigherNumberAreBelieved) {
  const auto at = [](int hours) { return base::ServiceTime(std::chrono::hours(hours)); };
  const Record record{.commits = 10, .next_sequence = 50, .service_time = at(5)};
  using Row = std::optional<QueueNumbers>;
  EXPECT_EQ(agreed({}, {}), Row{});
  EXPECT_EQ(agreed(Row({60, 11, at(6)}), {}), Row({60, 11, at(6)})) << "there is no record";
  EXPECT_EQ(agreed({}, record), Row({50, 10, at(5)})) << "the row is not sound";
  EXPECT_EQ(agreed(Row({50, 10, at(5)}), record), Row({50, 10, at(5)}));
  EXPECT_EQ(agreed(Row({60, 11, at(6)}), record), Row({60, 11, at(6)})) << "the end came before the record";
  EXPECT_EQ(agreed(Row({60, 12, at(90'000)}), record), Row({60, 12, at(5)})) << "an old record";
  EXPECT_EQ(agreed(Row({40, 8, at(4)}), record), Row({50, 8, at(4)})) << "commits are missing";
  EXPECT_EQ(agreed(Row({50, 10, at(90'000)}), record), Row({50, 10, at(5)}));
}

TEST(QueueRecordPath, IsBesideTheDatabase) {
  EXPECT_EQ(record_path("/state/queue.db"), "/state/queue.record");
}

}  // namespace
}  // namespace backhaul::sqlite
