// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/sqlite_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <tuple>

#include "adapters/sqlite/random_rows_for_test.h"
#include "adapters/sqlite/sums_for_test.h"
#include "core/damage.h"
#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"

namespace backhaul::sqlite {
namespace {

namespace fs = std::filesystem;
using base::Code;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""us;

class Store : public ::testing::Test {
 protected:
  // Every open of the same path in one test is a restart of the service.
  SqliteStore& restart() {
    store_.reset();
    store_.emplace(loop_, path_, log_, SqliteStore::Options{.salvage = {BACKHAUL_SALVAGER}});
    const auto opened = store_->open();
    EXPECT_TRUE(opened) << opened.error().text;
    return *store_;
  }
  ports::Snapshot load() {
    auto snapshot = store_->load();
    EXPECT_TRUE(snapshot) << snapshot.error().text;
    return snapshot ? std::move(*snapshot) : ports::Snapshot{};
  }
  base::Result<void> commit(ports::Batch batch) {
    std::optional<base::Result<void>> result;
    store_->commit(std::move(batch), [&](base::Result<void> r) { result = std::move(r); });
    EXPECT_FALSE(result) << "done ran inside commit()";
    while (!result) loop_.run_once(1s);
    return *result;
  }
  base::Result<void> commit_jobs(std::vector<core::Job> jobs) {
    ports::Batch batch;
    batch.jobs = std::move(jobs);
    return commit(std::move(batch));
  }
  // Changes the database behind the store's back, as if it had been written so.
  void tamper(const std::string& sql) {
    store_.reset();
    auto database = Database::open(path_);
    ASSERT_TRUE(database);
    const auto result = database->run(sql);
    ASSERT_TRUE(result) << result.error().text;
    ASSERT_TRUE(sqlite::testing::sum_anew(*database));
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(fs::path(path_).parent_path()))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string damaged_name() const {
    for (const std::string& name : names())
      if (name.starts_with("queue.db.damaged-") && !name.ends_with("-wal")) return name;
    return {};
  }

  test::TempDir directory_;
  test::RecordingLog log_;
  std::string path_ = directory_ / "state/backhaul/queue.db";
  loop::Loop loop_;
  std::optional<SqliteStore> store_;
};

// Any job whose numbers can be ours, with no more files than it has.
core::Job plausible_job(base::Prng& prng) {
  core::Job job = sqlite::testing::any_job(prng);
  job.order /= 4;
  for (auto* pending : {&job.pending, &job.file_event}) pending->edit().sequence /= 4;
  if (job.object) job.object->sequence /= 4;
  job.time_used = std::chrono::seconds(prng.below(1000));
  job.rare.edit().time_before = std::chrono::seconds(prng.below(1000));
  if (job.retry) job.retry->period = std::chrono::seconds(prng.below(1000));
  for (auto* pending : {&job.pending, &job.file_event})
    if (auto& due = pending->edit().due) due->period = std::chrono::seconds(prng.below(1000));
  job.event_file = base::no_file;
  job.address_file = base::no_file;
  job.files.total = 0;
  return job;
}

core::File plausible_file(base::Prng& prng, const base::JobId& job, std::uint32_t index) {
  core::File file = sqlite::testing::any_file(prng, job, index);
  file.epoch %= 1000;
  for (std::uint64_t* number : {&file.high_water, &file.event, &file.remote_identity.size})
    *number /= 4;
  if (!file.wanted.whole()) file.stored = {};
  if (file.stored.is_prefix()) file.stored = core::Extents::until(file.stored.prefix() / 4);
  core::RareOfFile& rare = file.rare.edit();
  if (rare.mirrors) rare.mirrors->current = rare.mirrors->told_by = 0;
  if (rare.fresh) {
    rare.fresh->epoch %= 1000;
    rare.fresh->offset /= 4;
  }
  return file;
}

mode_t mode_of(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

TEST_F(Store, WhatBudgetsCountOutlastsARestartAndARowThatIsNotSoundIsNotBelieved) {
  const core::Owner ana{.uid = 1000};
  const core::Owner app{.uid = 1000, .application = "org.example.App"};
  restart();
  load();
  ports::Batch batch;
  batch.usage = {{"Phone", 20'786, ana, 5}, {"Phone", 20'786, app, UINT64_MAX}, {"", 20'787, ana, 7}, {"Phone", 1, ana, 9}};
  ASSERT_TRUE(commit(batch));
  batch.usage = {{"Phone", 20'786, ana, 6}, {"Phone", 1, ana, 0}};
  ASSERT_TRUE(commit(batch));
  restart();
  const auto in_order = [](std::vector<core::Usage> usage) {
    std::ranges::sort(usage, {}, [](const core::Usage& one) { return std::tuple(one.day, one.network, one.owner); });
    return usage;
  };
  const std::vector<core::Usage> expected{
      {"Phone", 20'786, ana, 6}, {"Phone", 20'786, app, UINT64_MAX}, {"", 20'787, ana, 7}};
  EXPECT_EQ(in_order(load().usage), expected);
  store_.reset();
  {
    auto database = Database::open(path_);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run("UPDATE usage SET octets = 1 WHERE day = 20787"));
  }
  restart();
  EXPECT_EQ(load().usage.size(), 2U);
  EXPECT_NE(log_.text().find("1 day of what budgets count"), std::string::npos) << log_.text();
  restart();
  EXPECT_EQ(load().usage.size(), 2U);
}

TEST_F(Store, BeginsEmptyInAPrivateFileOfAPrivateDirectory) {
  const mode_t before = umask(0);
  restart();
  const ports::Snapshot snapshot = load();
  EXPECT_TRUE(snapshot.jobs.empty());
  EXPECT_TRUE(snapshot.files.empty());
  EXPECT_EQ(snapshot.next_sequence, 1U);
  ASSERT_TRUE(commit_jobs({core::Job{}}));
  umask(before);
  EXPECT_EQ(mode_of(directory_ / "state/backhaul"), 0700U);
  EXPECT_EQ(mode_of(path_), 0600U);
  EXPECT_EQ(mode_of(path_ + "-wal"), 0600U);
}

TEST_F(Store, WhatWasCommittedIsLoadedAfterARestart) {
  using Key = std::pair<base::JobId, std::uint32_t>;
  std::map<base::JobId, core::Job> jobs;
  std::map<Key, core::File> files;
  base::Prng prng(1);
  for (int round = 0; round < 30; ++round) {
    restart();
    const ports::Snapshot snapshot = load();
    ASSERT_EQ(snapshot.jobs.size(), jobs.size());
    ASSERT_EQ(snapshot.files.size(), files.size());
    for (const core::Job& job : snapshot.jobs) ASSERT_TRUE(jobs.at(job.id) == job);
    for (const core::File& file : snapshot.files)
      ASSERT_TRUE(files.at(Key(file.job, file.index)) == file);

    ports::Batch batch;
    for (auto& [id, job] : jobs) {
      if (prng.chance(200)) {
        batch.removed.push_back(id);
      } else if (prng.chance(300)) {
        const std::uint32_t total = job.files.total;
        job = plausible_job(prng);
        job.id = id;
        job.files.total = total;
        batch.jobs.push_back(job);
      }
    }
    for (const base::JobId& id : batch.removed) {
      jobs.erase(id);
      std::erase_if(files, [&](const auto& entry) { return entry.first.first == id; });
    }
    for (int i = 0; i < 5; ++i) {
      core::Job job = plausible_job(prng);
      job.files.total = static_cast<std::uint32_t>(prng.below(4));
      batch.jobs.push_back(job);
      jobs.emplace(job.id, job);
      for (std::uint32_t index = 0; index < job.files.total; ++index) {
        const core::File file = plausible_file(prng, job.id, index);
        batch.files.push_back(file);
        files.emplace(Key(job.id, index), file);
      }
    }
    ASSERT_TRUE(commit(std::move(batch)));
  }
}

TEST_F(Store, TextsThatJobsHaveInCommonAreKeptOnce) {
  restart();
  load();
  base::Prng prng(5);
  std::vector<core::Job> jobs;
  for (const char* name : {"update of the machine", "update of the machine", "another"}) {
    core::Job job;
    job.id = testing::any_id(prng);
    job.order = jobs.size() + 1;
    job.name = name;
    job.description = "every night";
    job.made_by.program = "/usr/bin/updater";
    jobs.push_back(job);
  }
  ASSERT_TRUE(commit_jobs(jobs));
  restart();
  const ports::Snapshot snapshot = load();
  ASSERT_TRUE(snapshot.jobs == jobs);
  const auto at = [](const base::Text& text) { return text.view().data(); };
  EXPECT_EQ(at(snapshot.jobs[0].name), at(snapshot.jobs[1].name));
  for (const core::Job& job : snapshot.jobs) {
    EXPECT_EQ(at(job.description), at(snapshot.jobs[0].description));
    EXPECT_EQ(at(job.made_by.program), at(snapshot.jobs[0].made_by.program));
  }
}

TEST_F(Store, TheNextSequenceIsKept) {
  restart();
  load();
  ports::Batch batch;
  batch.next_sequence = 4711;
  ASSERT_TRUE(commit(std::move(batch)));
  restart();
  EXPECT_EQ(load().next_sequence, 4711U);
}

TEST_F(Store, CommitsEndInTheOrderInWhichTheyWereAsked) {
  restart();
  load();
  std::vector<int> order;
  for (int i = 0; i < 20; ++i)
    store_->commit({}, [&order, i](base::Result<void> r) {
      EXPECT_TRUE(r);
      order.push_back(i);
    });
  while (order.size() < 20) loop_.run_once(1s);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(Store, AStoreThatIsDestroyedRunsNoCompletion) {
  restart();
  load();
  bool ran = false;
  store_->commit({}, [&](base::Result<void>) { ran = true; });
  store_.reset();
  loop_.run_once(base::Microseconds(0));
  EXPECT_FALSE(ran);
}

TEST_F(Store, ASecondStoreIsRefusedWhileTheFirstOneIsOpen) {
  restart();
  SqliteStore second(loop_, path_, log_);
  const auto result = second.open();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::SHARING_VIOLATION) << result.error().text;
  EXPECT_EQ(damaged_name(), "");
}

TEST_F(Store, ANewerDatabaseIsRefusedAndStaysWhereItIs) {
  restart();
  load();
  tamper("PRAGMA user_version = 1000");
  SqliteStore store(loop_, path_, log_);
  const auto result = store.open();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::CO_E_NOT_SUPPORTED);
  EXPECT_NE(result.error().text.find("newer"), std::string::npos) << result.error().text;
  EXPECT_EQ(damaged_name(), "");
}

TEST_F(Store, AFileThatIsNoDatabaseIsSetAsideWholeAndReported) {
  fs::create_directories(fs::path(path_).parent_path());
  const std::string nonsense(10'000, 'x');
  std::ofstream(path_) << nonsense;
  std::ofstream(path_ + "-wal") << "journal";
  restart();
  EXPECT_TRUE(load().jobs.empty());
  ASSERT_TRUE(commit_jobs({core::Job{}}));
  const std::string aside = damaged_name();
  ASSERT_FALSE(aside.empty());
  const std::string folder = fs::path(path_).parent_path();
  std::string kept;
  std::getline(std::ifstream(folder + "/" + aside), kept);
  EXPECT_EQ(kept, nonsense);
  EXPECT_TRUE(fs::exists(folder + "/" + aside + "-wal"));
  EXPECT_NE(log_.text().find(aside), std::string::npos) << log_.text();
}

TEST_F(Store, AJournalWhoseDatabaseIsGoneIsKeptAsWell) {
  fs::create_directories(fs::path(path_).parent_path());
  std::ofstream(path_ + "-wal") << "journal";
  restart();
  EXPECT_TRUE(load().jobs.empty());
  EXPECT_TRUE(std::ranges::any_of(names(), [](const std::string& name) {
    return name.starts_with("queue.db.damaged-") && name.ends_with("-wal");
  }));
}

TEST_F(Store, ATableThatIsMissingIsDamage) {
  restart();
  load();
  tamper("DROP TABLE file");
  restart();
  EXPECT_TRUE(load().jobs.empty());
  EXPECT_NE(damaged_name(), "");
}

TEST_F(Store, AMalformedRowSetsTheDatabaseAsideAndSavesTheOtherJobs) {
  restart();
  load();
  base::Prng prng(3);
  ports::Batch batch;
  batch.next_sequence = 1;
  std::vector<core::Job> jobs;
  for (std::uint32_t i = 0; i < 4; ++i) {
    core::Job job;
    job.id = sqlite::testing::any_id(prng);
    job.order = 10 + i;
    job.files.total = 1;
    jobs.push_back(job);
    batch.files.push_back({.job = job.id, .remote = "http://user:hunter2@host/", .local = "/x"});
  }
  batch.jobs = jobs;
  ASSERT_TRUE(commit(std::move(batch)));
  tamper("UPDATE job SET state = 77 WHERE creation = 11;"
         "UPDATE file SET state = 77 WHERE job = (SELECT row FROM job WHERE creation = 12)");

  restart();
  const ports::Snapshot snapshot = load();
  ASSERT_EQ(snapshot.jobs.size(), 3U);
  EXPECT_EQ(snapshot.jobs[0].id, jobs[0].id);
  EXPECT_EQ(snapshot.jobs[2].id, jobs[3].id);
  ASSERT_EQ(snapshot.files.size(), 3U);
  EXPECT_TRUE(core::is_lost(snapshot.files[1])) << "its job cannot end as if it had been fetched";
  EXPECT_NE(damaged_name(), "");
  EXPECT_NE(log_.text().find("Saved from the damaged queue: 3 jobs with 2 files, on record were 4 jobs with 4 "
                             "files; 1 job lost 1 file"),
            std::string::npos)
      << log_.text();
  EXPECT_EQ(log_.text().find("hunter2"), std::string::npos);

  restart();
  EXPECT_EQ(load().jobs.size(), 3U) << "what was saved is in the new database";
}

TEST_F(Store, DamageInTheMiddleOfTheFileIsNoticed) {
  restart();
  load();
  base::Prng prng(4);
  std::vector<core::Job> jobs;
  for (int i = 0; i < 2'000; ++i) jobs.push_back(plausible_job(prng));
  ASSERT_TRUE(commit_jobs(jobs));
  store_.reset();
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(path_) / 2 / 4096 * 4096));
    file << std::string(4096, '\xA5');
  }
  restart();
  load();
  EXPECT_NE(damaged_name(), "");
}

TEST_F(Store, TheLongCheckFindsNothingWrongInASoundDatabase) {
  restart();
  load();
  store_->check_later();
  ASSERT_TRUE(commit({}));
  EXPECT_EQ(log_.text(), "");
}

TEST_F(Store, TheFileBecomesSmallWhenMostOfAQueueIsGone) {
  restart();
  load();
  base::Prng prng(7);
  ports::Batch batch;
  std::vector<core::Job> stay;
  for (int i = 0; i < 4'000; ++i) {
    core::Job job;
    job.id = testing::any_id(prng);
    job.order = static_cast<std::uint64_t>(i) + 1;
    job.description = std::string(3'500, 'd');
    if (i % 100 == 0) stay.push_back(job);
    batch.jobs.push_back(std::move(job));
  }
  ASSERT_TRUE(commit(batch));
  ports::Batch ended;
  for (const core::Job& job : batch.jobs)
    if ((job.order - 1) % 100 > 0) ended.removed.push_back(job.id);
  ASSERT_TRUE(commit(std::move(ended)));
  restart();
  EXPECT_GT(fs::file_size(path_), 15U << 20);
  EXPECT_TRUE(load().jobs == stay);
  store_->check_later();
  for (int i = 0; i < 60 && fs::file_size(path_) > 6U << 20; ++i) loop_.run_once(1s);
  EXPECT_LT(fs::file_size(path_), 6U << 20);
  ASSERT_TRUE(commit_jobs({stay.front()}));
  restart();
  EXPECT_TRUE(load().jobs == stay);
  EXPECT_EQ(log_.text(), "");
}

TEST_F(Store, TheWriteAheadLogIsFoldedInWhenItIsLong) {
  restart();
  load();
  core::Job job;
  for (int round = 0; round < 40; ++round) {
    std::vector<core::Job> jobs;
    for (int i = 0; i < 500; ++i) {
      jobs.push_back(job);
      jobs.back().id.bytes[0] = static_cast<std::uint8_t>(i);
      jobs.back().id.bytes[1] = static_cast<std::uint8_t>(i >> 8);
      jobs.back().description = std::string(2'000, static_cast<char>('a' + round % 26));
    }
    ASSERT_TRUE(commit_jobs(std::move(jobs)));
  }
  EXPECT_LT(fs::file_size(path_ + "-wal"), 10U << 20) << "40 MiB were written";
}

TEST_F(Store, ACommitThatDoesNotFitFailsWholeAndTheNextOneWorks) {
  restart();
  load();
  core::Job first;
  first.id.bytes[0] = 1;
  ASSERT_TRUE(commit_jobs({first}));

  const auto before_action = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit tight = before;
  tight.rlim_cur = 256 * 1024;
  setrlimit(RLIMIT_FSIZE, &tight);
  core::Job second;
  second.id.bytes[0] = 2;
  core::Job third;
  third.id.bytes[0] = 3;
  third.description = std::string(1 << 20, 'x');
  const auto full = commit_jobs({second, third});
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, before_action);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::FILE_TOO_LARGE) << full.error().text;

  ASSERT_TRUE(commit_jobs({third}));
  restart();
  const ports::Snapshot snapshot = load();
  ASSERT_EQ(snapshot.jobs.size(), 2U);
  EXPECT_TRUE(snapshot.jobs[0] == first);
  EXPECT_TRUE(snapshot.jobs[1] == third);
}

// How fast it is says bench/run; here, that ten times as many jobs take about ten times as long.
TEST_F(Store, ManyJobsAreLoadedInATimeThatGrowsAsTheyDo) {
  base::Prng prng(6);
  const auto add = [&](std::size_t count) {
    ports::Batch batch;
    for (std::size_t i = 0; i < count; ++i) {
      core::Job job;
      job.id = sqlite::testing::any_id(prng);
      job.name = "a job with an ordinary name";
      job.files.total = 1;
      batch.files.push_back({.job = job.id,
                             .remote = "https://downloads.example.org/pool/main/some/file.bin",
                             .local = "/home/somebody/Downloads/some/file.bin"});
      batch.jobs.push_back(std::move(job));
    }
    ASSERT_TRUE(commit(std::move(batch)));
  };
  const auto time_to_load = [&](std::size_t jobs) {
    restart();
    const std::clock_t begin = std::clock();  // what others do on this machine does not count
    const ports::Snapshot snapshot = load();
    const std::clock_t taken = std::clock() - begin;
    EXPECT_EQ(snapshot.jobs.size(), jobs);
    EXPECT_EQ(snapshot.files.size(), jobs);
    return taken;
  };
  restart();
  load();
  add(1'000);
  const std::clock_t few = time_to_load(1'000);
  add(9'000);
  EXPECT_LT(time_to_load(10'000), 40 * few) << "ten times is the aim, a hundred times would be each with each";
}

TEST_F(Store, HowLongTheServiceRanComesBackWithTheLastCommit) {
  restart();
  EXPECT_EQ(load().service_time, base::ServiceTime{});
  ports::Batch batch;
  batch.service_time = base::ServiceTime(std::chrono::hours(77));
  ASSERT_TRUE(commit(std::move(batch)));
  restart();
  EXPECT_EQ(load().service_time, base::ServiceTime(std::chrono::hours(77)));
  tamper("UPDATE queue SET service_time = 5");
  restart();
  EXPECT_EQ(load().service_time, base::ServiceTime(5us)) << "the record may be wrong as well";
  tamper("UPDATE queue SET service_time = -5");
  restart();
  EXPECT_EQ(load().service_time, base::ServiceTime(5us)) << "as it is on record";
}

TEST_F(Store, TheLogKeepsHowAJobEndedAndItsPlaceInTheOrder) {
  restart();
  load();
  const core::EventRecord end{.sequence = 7,
                              .end = base::JobState::cancelled,
                              .order = 41,
                              .owner_uid = 1000,
                              .time = base::from_epoch_us(9)};
  ports::Batch batch;
  batch.events.push_back(end);
  ASSERT_TRUE(commit(std::move(batch)));
  restart();
  EXPECT_EQ(load().events, std::vector{end});
}

TEST_F(Store, KeepsNothingInAFolderThatWasRemovedAndSaysSo) {
  bool given_up = false;
  store_.emplace(loop_, path_, log_, SqliteStore::Options{.damaged = [&] { given_up = true; }});
  ASSERT_TRUE(store_->open());
  load();
  ASSERT_TRUE(commit_jobs({core::Job{}}));
  EXPECT_FALSE(given_up);
  fs::remove_all(fs::path(path_).parent_path());
  const auto lost = commit_jobs({core::Job{}});
  ASSERT_FALSE(lost);
  EXPECT_NE(lost.error().text.find(path_ + " was removed or replaced"), std::string::npos) << lost.error().text;
  EXPECT_TRUE(given_up);
  restart();
  EXPECT_TRUE(load().jobs.empty());
  EXPECT_TRUE(commit_jobs({core::Job{}}));
}

}  // namespace
}  // namespace backhaul::sqlite
