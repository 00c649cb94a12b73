// SPDX-License-Identifier: Apache-2.0
// Rows that changed on the disk and still read: their checksum tells, and nobody else suffers.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/component/sqlite/damaged_queue.h"

namespace backhaul::sqlite {
namespace {

// A bit of one number, which SQLite does not notice.
TEST_F(DamagedQueue, AJobWhoseRowChangedIsNotBelievedAndTheOthersGoOn) {
  make_queue(4);
  const base::ServiceTime ran(std::chrono::hours(10));
  ports::Batch batch;
  batch.next_sequence = 2000;
  batch.service_time = ran;
  commit(std::move(batch));
  for (const char* change : {"active = active + (1 << 44)", "stuck_since = 1 << 44", "state = 7", "state = 8",
                             "state = 77", "files_total = files_total + (1 << 20)", "files_total = 1",
                             "time_used = 1 << 44", "creation = creation + (1 << 62)", "owner_uid = 7",
                             "event_file = 9", "pending_kind = 99", "name = 'other'"}) {
    again();
    damage(std::string("UPDATE job SET ") + change + " WHERE row = 2");
    const ports::Snapshot snapshot = start();
    ASSERT_EQ(snapshot.jobs.size(), 4U) << change;
    ASSERT_EQ(snapshot.files.size(), 12U) << change;
    EXPECT_EQ(std::ranges::count_if(snapshot.files, core::is_lost), 0) << change;
    EXPECT_EQ(snapshot.service_time, ran) << change;
    for (const core::Job& job : snapshot.jobs) {
      EXPECT_EQ(core::is_revived(job), job.id == id_of(1)) << change;
      if (job.id != id_of(1)) continue;
      EXPECT_EQ(job.active, ran) << change;
      EXPECT_EQ(job.error->text, core::reason(core::Damage::changed));
    }
    EXPECT_NE(log_->text().find("are damaged and not believed: 1 job, 0 files, 0 events; a copy as it was found is "),
              std::string::npos)
        << log_->text();
    EXPECT_TRUE(was_set_aside()) << "a copy";
    stop();
    EXPECT_EQ(start().files.size(), 12U);
    EXPECT_EQ(log_->text(), "") << "told once";
    store_.reset();
    --round_;
    fs::remove_all(directory_ / std::to_string(round_ + 1));
  }
}

TEST_F(DamagedQueue, AFileWhoseRowChangedIsLostAndNothingIsWrittenToWhatItNames) {
  make_queue(4);
  for (const char* change : {"durable_offset = 1 << 44", "local = '/folder/other'", "file_index = 9", "file_index = 1 << 31"}) {
    again();
    damage(std::string("UPDATE file SET ") + change + " WHERE job = 2 AND file_index = 2");
    const ports::Snapshot snapshot = start();
    ASSERT_EQ(snapshot.jobs.size(), 4U);
    ASSERT_EQ(snapshot.files.size(), 12U);
    EXPECT_TRUE(core::is_lost(snapshot.files[5])) << change;
    EXPECT_EQ(std::ranges::count_if(snapshot.files, core::is_lost), 1);
    for (const core::Job& job : snapshot.jobs) EXPECT_EQ(core::is_revived(job), job.id == id_of(1)) << change;
    EXPECT_NE(log_->text().find("0 jobs, 1 file, 0 events"), std::string::npos) << log_->text();
    EXPECT_NE(log_->text().find("1 job lost 1 file"), std::string::npos) << log_->text();
    stop();
    EXPECT_EQ(start().files.size(), 12U);
    EXPECT_EQ(log_->text(), "") << "told once";
    store_.reset();
    --round_;
    fs::remove_all(directory_ / std::to_string(round_ + 1));
  }
}

TEST_F(DamagedQueue, TheQueuesOwnNumbersAreTakenFromTheRecordWhereTheyChanged) {
  make_queue(2);
  const base::ServiceTime ran(std::chrono::hours(10));
  ports::Batch batch;
  batch.next_sequence = 2000;
  batch.service_time = ran;
  batch.events.push_back({.sequence = 1500});
  commit(std::move(batch));
  for (const char* change : {"UPDATE queue SET service_time = service_time + (1 << 44)", "DELETE FROM queue",
                             "UPDATE queue SET next_sequence = 1", "UPDATE queue SET commits = 1 << 40"}) {
    again();
    damage(change);
    const ports::Snapshot snapshot = start();
    EXPECT_EQ(snapshot.service_time, ran) << change;
    EXPECT_EQ(snapshot.next_sequence, 2000U) << change;
    ASSERT_EQ(snapshot.jobs.size(), 2U);
    for (const core::Job& job : snapshot.jobs) EXPECT_FALSE(core::is_revived(job)) << change;
    EXPECT_NE(log_->text().find("0 events, and its own counters"), std::string::npos) << log_->text();
    stop();
    EXPECT_EQ(start().service_time, ran);
    EXPECT_EQ(log_->text(), "") << "told once";
    store_.reset();
    --round_;
    fs::remove_all(directory_ / std::to_string(round_ + 1));
  }
  again();
  damage("UPDATE event SET code = 7");
  EXPECT_TRUE(start().events.empty());
  EXPECT_NE(log_->text().find("0 jobs, 0 files, 1 event;"), std::string::npos) << log_->text();
  stop();
  start();
  EXPECT_EQ(log_->text(), "") << "told once";
}

TEST_F(DamagedQueue, WhatIsSavedIsComparedWithItsSumsAsWell) {
  make_queue(4);
  const base::ServiceTime ran(std::chrono::hours(10));
  ports::Batch batch;
  batch.next_sequence = 2000;
  batch.service_time = ran;
  commit(std::move(batch));
  damage("UPDATE job SET active = 1 << 44 WHERE row = 2; UPDATE queue SET service_time = 1 << 44;"
         "UPDATE file SET local = '/other' WHERE job = 3 AND file_index = 1");
  auto file = RecordFile::open(record());
  Record damaged = file->read().value().value();
  damaged.damaged = true;
  ASSERT_TRUE(file->write(damaged));
  const ports::Snapshot snapshot = start();
  ASSERT_EQ(snapshot.jobs.size(), 4U);
  EXPECT_EQ(snapshot.service_time, ran);
  expect_in_doubt(snapshot);
  for (const core::Job& job : snapshot.jobs) EXPECT_EQ(job.active, ran);
  EXPECT_EQ(std::ranges::count_if(snapshot.files, core::is_lost), 1);
  EXPECT_NE(log_->text().find("1 job, 1 file, 0 events, and its own counters"), std::string::npos) << log_->text();
}

TEST_F(DamagedQueue, OfTwoJobsWithOneIdentityTheFirstStaysWithItsOwnFiles) {
  make_queue(5);
  tamper("UPDATE job SET id = (SELECT id FROM job WHERE row = 2) WHERE row = 4");
  const ports::Snapshot snapshot = start();
  ASSERT_EQ(snapshot.jobs.size(), 4U) << log_->text();
  EXPECT_EQ(std::ranges::count(snapshot.jobs, id_of(1), &core::Job::id), 1);
  EXPECT_EQ(std::ranges::count(snapshot.jobs, id_of(3), &core::Job::id), 0);
  expect_nothing_lost_in_silence(snapshot, "one of two");
  for (const core::File& file : snapshot.files) {
    if (file.job != id_of(1)) continue;
    EXPECT_TRUE(std::string(file.local).starts_with("/folder/1-")) << std::string(file.local);
  }
  stop();
  EXPECT_EQ(start().jobs.size(), 4U);
  EXPECT_EQ(log_->text(), "") << "told once";
}

TEST_F(DamagedQueue, ALetterThatChangedInTheNameOfAColumnHidesNoRow) {
  make_queue(4);
  stop();
  std::ifstream file(path(), std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const std::size_t at = bytes.find("files_total INTEGER");
  ASSERT_NE(at, std::string::npos);
  overwrite(path(), at, 1, 'x');
  const ports::Snapshot snapshot = start();
  EXPECT_EQ(snapshot.jobs.size(), 4U) << log_->text();
  EXPECT_EQ(std::ranges::count_if(snapshot.files, core::is_lost), 0);
  expect_in_doubt(snapshot);
}

TEST_F(DamagedQueue, ARowThatCannotBeWrittenOverIsSavedFrom) {
  make_queue(4);
  tamper("CREATE INDEX by_name ON job (name)");
  std::ifstream file(path(), std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const std::size_t at = bytes.find("job 1d");  // its description follows: the row, and not the index
  ASSERT_NE(at, std::string::npos);
  change_byte(path(), at);
  const ports::Snapshot snapshot = start();
  EXPECT_EQ(snapshot.jobs.size(), 4U);
  EXPECT_EQ(snapshot.files.size(), 12U);
  expect_in_doubt(snapshot);
  EXPECT_NE(log_->text().find("Saved from the damaged queue: 4 jobs with 12 files"), std::string::npos)
      << log_->text();
  stop();
  EXPECT_EQ(start().jobs.size(), 4U);
  EXPECT_EQ(log_->text(), "");
}

}  // namespace
}  // namespace backhaul::sqlite
