// SPDX-License-Identifier: Apache-2.0
// A queue on the disk that a test damages between two starts of its store.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "adapters/sqlite/sqlite_store.h"
#include "adapters/sqlite/sums_for_test.h"
#include "core/damage.h"
#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"

namespace backhaul::sqlite {

namespace fs = std::filesystem;
using base::JobState;
using std::chrono_literals::operator""s;

inline constexpr std::uint32_t jobs = 60;
inline constexpr std::uint32_t files_per_job = 3;
inline constexpr std::uint64_t page = 4096;

inline base::JobId id_of(std::uint32_t number) {
  base::JobId id;
  id.bytes[0] = static_cast<std::uint8_t>(number);
  id.bytes[1] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[15] = 1;
  return id;
}

inline core::Job job_of(std::uint32_t number) {
  core::Job job;
  job.id = id_of(number);
  job.order = number + 1;
  job.state = JobState::queued;
  job.auto_complete = true;
  job.name = "job " + std::to_string(number);
  job.description = std::string(200 + number * 7 % 300, 'd');
  job.command = core::CommandRegistration{"/usr/bin/true", "true", 0};
  job.files.total = files_per_job;
  return job;
}

inline void change_byte(const std::string& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int before = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(before ^ 0x81));
}

inline void overwrite(const std::string& path, std::uint64_t at, std::size_t length, char byte = '\xA5') {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at));
  file << std::string(length, byte);
}

class DamagedQueue : public ::testing::Test {
 protected:
  std::string path() const { return directory_ / std::to_string(round_) + "/queue.db"; }
  std::string wal() const { return path() + "-wal"; }
  std::string record() const { return fs::path(path()).parent_path() / "queue.record"; }

  base::Result<void> open() {
    store_.reset();
    log_.emplace();
    store_.emplace(loop_, path(), *log_, SqliteStore::Options{.salvage = salvage_, .work_was_left = work_was_left_, .damaged = damaged_});
    return store_->open();
  }
  ports::Snapshot start() {
    const auto opened = open();
    EXPECT_TRUE(opened) << opened.error().text;
    auto snapshot = store_->load();
    EXPECT_TRUE(snapshot) << snapshot.error().text;
    return snapshot ? std::move(*snapshot) : ports::Snapshot{};
  }
  void commit(ports::Batch batch) {
    bool done = false;
    store_->commit(std::move(batch), [&](base::Result<void> result) {
      EXPECT_TRUE(result) << result.error().text;
      done = true;
    });
    while (!done) loop_.run_once(1s);
  }
  void add_job(std::uint32_t number) {
    ports::Batch batch;
    batch.jobs.push_back(job_of(number));
    for (std::uint32_t i = 0; i < files_per_job; ++i)
      batch.files.push_back({.job = id_of(number), .index = i, .remote = "http://host/" + std::to_string(i),
                             .local = "/folder/" + std::to_string(number) + "-" + std::to_string(i)});
    batch.next_sequence = 1000 + number;
    commit(std::move(batch));
  }
  void make_queue(std::uint32_t count = jobs) {
    made_ = count;
    start();
    for (std::uint32_t number = 0; number < count; ++number) add_job(number);
  }
  void add_many() {
    ports::Batch many;  // more than SQLite keeps in memory
    for (std::uint32_t number = 0; number < 1500; ++number) {
      many.jobs.push_back(job_of(number));
      many.jobs.back().files.total = 0;
      many.jobs.back().description = std::string(2'000, 'd');
    }
    commit(std::move(many));
  }
  // The files as a kill at this moment would leave them, in a folder of their own.
  void kill() {
    const fs::path from = fs::path(path()).parent_path();
    ++round_;
    fs::copy(from, fs::path(path()).parent_path(), fs::copy_options::recursive);
    store_.reset();
  }
  // The service ends in order: everything is in the database itself.
  void stop() { store_.reset(); }
  void again() {
    const fs::path from = fs::path(path()).parent_path();
    store_.reset();
    ++round_;
    fs::copy(from, fs::path(path()).parent_path(), fs::copy_options::recursive);
  }

  // What stands in the rows then is odd, but was written so; after damage() it was not.
  void tamper(const std::string& sql) {
    damage(sql);
    auto database = Database::open(path());
    ASSERT_TRUE(database);
    ASSERT_TRUE(sqlite::testing::sum_anew(*database));
  }
  void damage(const std::string& sql) {
    store_.reset();
    auto database = Database::open(path());
    ASSERT_TRUE(database);
    const auto result = database->run(sql);
    ASSERT_TRUE(result) << result.error().text;
  }
  bool was_set_aside() const {
    for (const auto& entry : fs::directory_iterator(fs::path(path()).parent_path()))
      if (entry.path().filename().string().starts_with("queue.db.damaged-")) return true;
    return false;
  }
  static void expect_in_doubt(const ports::Snapshot& snapshot) {
    for (const core::Job& job : snapshot.jobs) {
      EXPECT_TRUE(core::is_revived(job)) << std::string(job.name);
      EXPECT_FALSE(job.auto_complete) << std::string(job.name);
      EXPECT_TRUE(job.command->program.empty()) << std::string(job.name);
    }
  }
  // Every job that is there has as many files as it had; what is not there is told.
  void expect_nothing_lost_in_silence(const ports::Snapshot& snapshot, const std::string& what) {
    std::map<base::JobId, std::uint32_t> count;
    std::uint64_t lost = 0;
    for (const core::File& file : snapshot.files) {
      ASSERT_EQ(file.index, count[file.job]++) << what;
      lost += core::is_lost(file) ? 1 : 0;
    }
    for (const core::Job& job : snapshot.jobs) ASSERT_EQ(count[job.id], job.files.total) << what;
    if (snapshot.jobs.size() == made_ && lost == 0) return;
    const std::string had =
        std::to_string(made_) + " jobs with " + std::to_string(made_ * files_per_job) + " files";
    ASSERT_NE(log_->text().find(had), std::string::npos) << what << ": " << log_->text();
    ASSERT_GE(snapshot.next_sequence, 1000U + made_ - 1) << what;
  }

  test::TempDir directory_;
  loop::Loop loop_;
  std::optional<test::RecordingLog> log_;
  std::optional<SqliteStore> store_;
  SalvageCommand salvage_{BACKHAUL_SALVAGER};
  bool work_was_left_ = false;
  std::function<void()> damaged_ = [] {};
  int round_ = 0;
  std::uint32_t made_ = 0;
};

}  // namespace backhaul::sqlite
