// SPDX-License-Identifier: Apache-2.0
// Queues that are really damaged, on the disk: whatever is lost is told with a count, and what comes
// back after a loss does nothing by itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>

#include "tests/component/sqlite/damaged_queue.h"

namespace backhaul::sqlite {
namespace {

TEST_F(DamagedQueue, ASoundOneSaysNothingAndChangesNothing) {
  make_queue();
  kill();
  const ports::Snapshot snapshot = start();
  EXPECT_EQ(log_->text(), "");
  ASSERT_EQ(snapshot.jobs.size(), jobs);
  EXPECT_TRUE(snapshot.jobs[3] == job_of(3));
  add_job(jobs);
  stop();
  EXPECT_EQ(start().jobs.size(), jobs + 1);
  EXPECT_EQ(log_->text(), "");
}

TEST_F(DamagedQueue, JobsOfADatabaseThatIsGoneComeBackFromItsLog) {
  for (const bool emptied : {false, true}) {
    make_queue();
    kill();
    if (emptied)
      fs::resize_file(path(), 0);
    else
      fs::remove(path());
    const ports::Snapshot snapshot = start();
    EXPECT_EQ(snapshot.jobs.size(), jobs) << log_->text();
    expect_nothing_lost_in_silence(snapshot, emptied ? "emptied" : "missing");
    expect_in_doubt(snapshot);
    EXPECT_TRUE(was_set_aside());
    EXPECT_NE(log_->text().find("Saved from the damaged queue: 60 jobs with 180 files"), std::string::npos)
        << log_->text();

    stop();
    const ports::Snapshot later = start();
    EXPECT_EQ(later.jobs.size(), jobs);
    expect_in_doubt(later);
    EXPECT_EQ(log_->text(), "") << "told once";
    store_.reset();
    ++round_;
  }
}

TEST_F(DamagedQueue, ADatabaseThatIsGoneWithItsLogIsALossWithACount) {
  for (const bool emptied : {false, true}) {
    make_queue();
    stop();
    if (emptied)
      fs::resize_file(path(), 0);
    else
      fs::remove(path());
    const ports::Snapshot snapshot = start();
    EXPECT_TRUE(snapshot.jobs.empty());
    EXPECT_NE(log_->text().find("names 60 jobs with 180 files: they are lost"), std::string::npos) << log_->text();
    EXPECT_EQ(snapshot.next_sequence, 1000U + jobs - 1) << "numbers are not given out again";
    stop();
    start();
    EXPECT_EQ(log_->text(), "") << "told once";
    store_.reset();
    ++round_;
  }
}

TEST_F(DamagedQueue, WithoutARecordWorkThatWasLeftIsAskedFor) {
  work_was_left_ = true;
  start();
  EXPECT_NE(log_->text().find("how many jobs were in it is not known"), std::string::npos) << log_->text();
  stop();
  fs::remove(record());
  EXPECT_TRUE(start().jobs.empty());
  EXPECT_NE(log_->text().find("though work was left in it; how many jobs"), std::string::npos)
      << log_->text();
}

TEST_F(DamagedQueue, WithoutARecordTheLogIsLookedAt) {
  make_queue();
  kill();
  for (const bool damaged : {false, true}) {
    again();
    if (damaged)
      overwrite(record(), 0, fs::file_size(record()));
    else
      fs::remove(record());
    change_byte(wal(), 5 * page);
    const ports::Snapshot snapshot = start();
    EXPECT_GE(snapshot.jobs.size(), jobs - 12) << log_->text();
    EXPECT_NE(log_->text().find("Saved from the damaged queue: "), std::string::npos) << log_->text();
    expect_in_doubt(snapshot);
    store_.reset();
    --round_;
    fs::remove_all(directory_ / std::to_string(round_ + 1));
  }
}

TEST_F(DamagedQueue, ADatabaseOlderThanItsRecordStaysInUseAndItsJobsAreInDoubt) {
  make_queue(jobs - 20);
  stop();
  start();
  for (std::uint32_t number = jobs - 20; number < jobs; ++number) add_job(number);
  ports::Batch batch;
  batch.removed = {id_of(0)};
  batch.next_sequence = 2000;
  commit(std::move(batch));
  kill();
  fs::remove(wal());
  const ports::Snapshot snapshot = start();
  EXPECT_EQ(snapshot.jobs.size(), jobs - 20);
  expect_in_doubt(snapshot);
  EXPECT_FALSE(was_set_aside());
  EXPECT_NE(log_->text().find("lacks the last 21 commits; it has 40 jobs with 120 files, on record were 59 "
                              "jobs with 177 files"),
            std::string::npos)
      << log_->text();
  EXPECT_EQ(snapshot.next_sequence, 2000U);
}

TEST_F(DamagedQueue, AnOlderRecordProvesNothing) {
  make_queue(5);
  const std::string before = test::read_file(record());
  add_job(5);
  kill();
  test::write_file(record(), before);
  EXPECT_EQ(start().jobs.size(), 6U);
  EXPECT_EQ(log_->text(), "");
  kill();
  fs::remove(record());
  EXPECT_EQ(start().jobs.size(), 6U);
  EXPECT_EQ(log_->text(), "");
}

TEST_F(DamagedQueue, WhatCannotBeARecordIsSetAsideAndTheQueueIsServed) {
  make_queue(5);
  const std::map<std::string, std::function<void()>> in_its_place = {
      {"a directory with something in it", [&] { fs::create_directories(record() + "/folder"); }},
      {"a pipe", [&] { ASSERT_EQ(mkfifo(record().c_str(), 0600), 0); }},
      {"a link that leads nowhere", [&] { fs::create_symlink("nowhere", record()); }},
      {"a link that leads back to itself", [&] { fs::create_symlink("queue.record", record()); }},
  };
  for (const auto& [what, put] : in_its_place) {
    SCOPED_TRACE(what);
    kill();
    fs::remove(record());
    put();
    EXPECT_EQ(start().jobs.size(), 5U);
    EXPECT_NE(log_->text().find("It was set aside as " + record() + ".damaged-"), std::string::npos)
        << log_->text();
    EXPECT_TRUE(fs::is_regular_file(record()));
    EXPECT_FALSE(was_set_aside()) << "the database";
    stop();
    start();
    EXPECT_EQ(log_->text(), "") << "the new record counts";
    for (const auto& entry : fs::directory_iterator(fs::path(record()).parent_path()))
      if (entry.path().filename().string().starts_with("queue.record.damaged-")) fs::remove_all(entry.path());
  }
}

TEST_F(DamagedQueue, WhatStandsBesideTheDatabaseAndIsNoFileKeepsNobodyWaiting) {
  make_queue(5);
  for (const char* suffix : {"-wal", "-journal", "-shm", ".salvaged"}) {
    const std::string name = path() + suffix;
    for (const bool pipe : {true, false}) {
      stop();
      if (pipe)
        ASSERT_EQ(mkfifo(name.c_str(), 0600), 0) << name;
      else
        ASSERT_TRUE(fs::create_directory(name)) << name;
      EXPECT_EQ(start().jobs.size(), 5U) << name;
      if (std::string_view(suffix) == ".salvaged")
        fs::remove_all(name);
      else
        EXPECT_NE(log_->text().find(name + ".set-aside"), std::string::npos) << log_->text();
    }
  }
}

TEST_F(DamagedQueue, ASalvagedQueueLeavesNothingBehindOfTheWayToIt) {
  make_queue();
  tamper("UPDATE job SET state = 77 WHERE row = 60");
  start();
  ASSERT_TRUE(was_set_aside());
  for (const auto& entry : fs::directory_iterator(fs::path(path()).parent_path()))
    EXPECT_EQ(entry.path().filename().string().find("salvaged"), std::string::npos) << entry.path();
}

TEST_F(DamagedQueue, AFlippedByteInTheLogCostsNoMoreThanItsPage) {
  make_queue();
  kill();
  const std::uint64_t size = fs::file_size(wal());
  for (const std::uint64_t at : {std::uint64_t{17}, size / 3, size / 2, size - 3000}) {
    again();
    change_byte(wal(), at);
    const ports::Snapshot snapshot = start();
    expect_nothing_lost_in_silence(snapshot, "byte " + std::to_string(at));
    EXPECT_GE(snapshot.jobs.size(), jobs - 12) << at << ": " << log_->text();
    EXPECT_NE(log_->text(), "") << at;
    expect_in_doubt(snapshot);
    store_.reset();
    --round_;
    fs::remove_all(directory_ / std::to_string(round_ + 1));
  }
}

TEST_F(DamagedQueue, ALogWithoutItsBeginIsReadFromWhereItVerifies) {
  make_queue();
  kill();
  for (const std::size_t length : {std::size_t{32}, std::size_t{100}, 2 * page}) {
    again();
    overwrite(wal(), 0, length);
    const ports::Snapshot snapshot = start();
    expect_nothing_lost_in_silence(snapshot, std::to_string(length));
    EXPECT_GE(snapshot.jobs.size(), jobs - 12) << length << ": " << log_->text();
    expect_in_doubt(snapshot);
    store_.reset();
    --round_;
    fs::remove_all(directory_ / std::to_string(round_ + 1));
  }
}

TEST_F(DamagedQueue, NoPageThatIsDestroyedTakesJobsWithItInSilence) {
  make_queue(45);
  stop();
  const std::uint64_t pages = fs::file_size(path()) / page;
  ASSERT_GT(pages, 10U);
  std::size_t saved = 0;
  for (std::uint64_t number = 0; number < pages; ++number) {
    again();
    overwrite(path(), number * page, page);
    const ports::Snapshot snapshot = start();
    expect_nothing_lost_in_silence(snapshot, "page " + std::to_string(number + 1));
    if (!log_->text().empty()) expect_in_doubt(snapshot);
    saved += snapshot.jobs.size();
    store_.reset();
    --round_;
    fs::remove_all(directory_ / std::to_string(round_ + 1));
  }
  EXPECT_GT(saved, pages * made_ * 3 / 4) << "one page is one page";
}

TEST_F(DamagedQueue, TheJobsOfATableWhoseRootIsLostAreFoundInItsLeaves) {
  for (const std::uint32_t count : {1U, 20U, 200U, 1500U}) {
    start();
    made_ = count;
    ports::Batch batch;
    for (std::uint32_t number = 0; number < count; ++number) {
      batch.jobs.push_back(job_of(number));
      batch.jobs.back().files.total = 0;
      if (count > 1000) batch.jobs.back().description = std::string(3'000, 'd');
    }
    batch.next_sequence = 1000 + count;
    commit(std::move(batch));
    stop();
    std::uint64_t root = 0;
    {
      auto database = Database::open(path());
      ASSERT_TRUE(database);
      root = static_cast<std::uint64_t>(
          database->number("SELECT rootpage FROM sqlite_schema WHERE name = 'job'").value());
    }
    overwrite(path(), (root - 1) * page, page);
    const ports::Snapshot snapshot = start();
    // Of one page, the root is all there is.
    EXPECT_EQ(snapshot.jobs.size(), count < 20 ? 0 : count) << log_->text();
    expect_in_doubt(snapshot);
    store_.reset();
    ++round_;
  }
}

// By it SQLite finds the next page of a long row.
TEST_F(DamagedQueue, NoJobIsLostWithTheMapOfThePages) {
  start();
  made_ = 20;
  ports::Batch batch;
  for (std::uint32_t number = 0; number < made_; ++number) {
    batch.jobs.push_back(job_of(number));
    batch.jobs.back().files.total = 0;
    batch.jobs.back().description = std::string(3 * page, 'd');
  }
  batch.next_sequence = 1000 + made_;
  commit(std::move(batch));
  stop();
  overwrite(path(), page, page);
  EXPECT_EQ(start().jobs.size(), made_) << log_->text();
}

TEST_F(DamagedQueue, AFileThatWasCutIsSavedAsFarAsItGoes) {
  make_queue(45);
  stop();
  const std::uint64_t size = fs::file_size(path());
  for (const std::uint64_t left : {std::uint64_t{100}, page, size / 2, size - page}) {
    again();
    fs::resize_file(path(), left);
    const ports::Snapshot snapshot = start();
    expect_nothing_lost_in_silence(snapshot, "cut to " + std::to_string(left));
    EXPECT_TRUE(was_set_aside()) << left;
    EXPECT_GE(snapshot.jobs.size(), left > size / 2 ? made_ / 2 : 0);
    store_.reset();
    --round_;
    fs::remove_all(directory_ / std::to_string(round_ + 1));
  }
}

TEST_F(DamagedQueue, NumbersOnTheDiskAreChecked) {
  make_queue(4);
  for (const char* change : {"UPDATE file SET file_index = 4000000000 WHERE job = 2 AND file_index = 2",
                             "UPDATE file SET file_index = 7 WHERE job = 2 AND file_index = 1",
                             "UPDATE job SET files_total = 4000000000 WHERE row = 2",
                             "UPDATE file SET epoch = 4000000000 WHERE job = 2",
                             "UPDATE job SET event_file = 9 WHERE row = 2"}) {
    again();
    tamper(change);
    const ports::Snapshot snapshot = start();
    EXPECT_GE(snapshot.jobs.size(), 3U) << change;
    for (const core::File& file : snapshot.files) EXPECT_LT(file.index, files_per_job) << change;
    expect_in_doubt(snapshot);
    EXPECT_NE(log_->text().find("on record were 4 jobs with 12 files"), std::string::npos) << log_->text();
    EXPECT_TRUE(was_set_aside());
    store_.reset();
    --round_;
    fs::remove_all(directory_ / std::to_string(round_ + 1));
  }
}

TEST_F(DamagedQueue, AMissingFileRowKeepsItsPlace) {
  make_queue(4);
  for (const char* index : {"0", "1", "2"}) {
    again();
    tamper(std::string("DELETE FROM file WHERE job = 2 AND file_index = ") + index);
    const ports::Snapshot snapshot = start();
    ASSERT_EQ(snapshot.jobs.size(), 4U);
    ASSERT_EQ(snapshot.files.size(), 12U);
    const core::File& lost = snapshot.files[3 + static_cast<std::size_t>(*index - '0')];
    EXPECT_TRUE(core::is_lost(lost));
    EXPECT_EQ(lost.job, id_of(1));
    for (const core::Job& job : snapshot.jobs) EXPECT_EQ(core::is_revived(job), job.id == id_of(1)) << std::string(job.name);
    EXPECT_NE(log_->text().find("1 job lost 1 file"), std::string::npos) << log_->text();
    EXPECT_FALSE(was_set_aside()) << "a database that reads stays in use";
    stop();
    EXPECT_EQ(start().files.size(), 12U);
    EXPECT_EQ(log_->text(), "") << "told once";
    store_.reset();
    --round_;
    fs::remove_all(directory_ / std::to_string(round_ + 1));
  }
}

TEST_F(DamagedQueue, WhatTheSecondProcessWroteBeforeItCrashedIsUsed) {
  make_queue();
  tamper("UPDATE job SET state = 77 WHERE row = 60");
  salvage_ = {BACKHAUL_SALVAGER, "--die-after=140"};
  const ports::Snapshot snapshot = start();
  EXPECT_TRUE(was_set_aside());
  EXPECT_NE(log_->text().find("signal 9"), std::string::npos) << log_->text();
  EXPECT_EQ(snapshot.jobs.size(), jobs - 1);
  const auto lost = std::ranges::count_if(snapshot.files, core::is_lost);
  EXPECT_GT(lost, 90);
  EXPECT_LT(lost, 177);
  expect_nothing_lost_in_silence(snapshot, "crash of the second process");
  expect_in_doubt(snapshot);
}

TEST_F(DamagedQueue, WithoutASecondProcessTheServiceBeginsAnewAndSaysSo) {
  make_queue();
  stop();
  overwrite(path(), 3 * page, page);  // where the jobs begin
  salvage_ = {"/nonexistent/program"};
  EXPECT_TRUE(start().jobs.empty());
  EXPECT_TRUE(was_set_aside());
  EXPECT_NE(log_->text().find("0 jobs with 0 files, on record were 60 jobs with 180 files"), std::string::npos)
      << log_->text();
  add_job(0);
  stop();
  EXPECT_EQ(start().jobs.size(), 1U);
}

TEST_F(DamagedQueue, DamageThatIsMetWhileItIsInUseIsSavedFromAtTheNextStart) {
  start();
  add_many();
  stop();
  start();
  overwrite(path(), 20 * page, 8);
  store_->check_later();
  bool ran = false;
  ports::Batch nothing;
  nothing.next_sequence = 1000 + jobs;
  store_->commit(std::move(nothing), [&](const base::Result<void>&) { ran = true; });
  while (!ran) loop_.run_once(1s);
  EXPECT_NE(log_->text().find("the next start saves what can be saved"), std::string::npos) << log_->text();
  kill();
  const ports::Snapshot snapshot = start();
  EXPECT_GT(snapshot.jobs.size(), 1400U);
  EXPECT_LT(snapshot.jobs.size(), 1500U);
  EXPECT_NE(log_->text().find("on record were 1500 jobs"), std::string::npos) << log_->text();
  expect_in_doubt(snapshot);
  EXPECT_TRUE(was_set_aside());
}

TEST_F(DamagedQueue, ACommitThatMeetsDamageAsksForANewStart) {
  start();
  add_many();
  stop();
  bool asked = false;
  damaged_ = [&asked] { asked = true; };
  start();
  const std::uint64_t pages = fs::file_size(path()) / page;
  for (std::uint64_t number = 10; number < pages - 10; ++number) overwrite(path(), number * page, 8);
  ports::Batch batch;
  batch.next_sequence = 1;
  batch.jobs.push_back(job_of(30));
  std::optional<base::Result<void>> result;
  store_->commit(std::move(batch), [&](base::Result<void> r) { result = std::move(r); });
  while (!result) loop_.run_once(1s);
  ASSERT_FALSE(*result);
  EXPECT_TRUE(is_damage(result->error())) << result->error().text;
  EXPECT_TRUE(asked);
  kill();
  start();
  EXPECT_TRUE(was_set_aside());
}

TEST_F(DamagedQueue, ASalvageThatFindsNoRoomLosesNothing) {
  make_queue();
  tamper("UPDATE job SET state = 77 WHERE row = 60");
  salvage_ = {"/bin/sh", "-c", "exit 74"};
  ASSERT_TRUE(open());
  const auto snapshot = store_->load();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().code, base::Code::DISK_FULL);
  EXPECT_FALSE(was_set_aside());
  salvage_ = {BACKHAUL_SALVAGER};
  EXPECT_EQ(start().jobs.size(), jobs - 1) << "there is room again";
}

TEST_F(DamagedQueue, ASalvageThatWasInterruptedIsFinished) {
  make_queue();
  stop();
  fs::rename(path(), path() + ".salvaged");
  const ports::Snapshot snapshot = start();
  EXPECT_EQ(snapshot.jobs.size(), jobs);
  expect_in_doubt(snapshot);
}

}  // namespace
}  // namespace backhaul::sqlite
