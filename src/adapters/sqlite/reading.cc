// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/reading.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/sqlite/rows.h"
#include "core/damage.h"
#include "core/event_log.h"

namespace backhaul::sqlite {
namespace {

base::Error damaged(std::string text) {
  return {base::Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
          "The queue database: " + std::move(text)};
}

// The record that tells how many there are may be damaged as well.
constexpr std::uint64_t room_max = 1'000'000;

template <class Row>
base::Result<void> check(const Row& row) {
  const std::string_view what = core::implausible(row);
  if (what.empty()) return {};
  return damaged("a number in column " + std::string(what) + " cannot be right.");
}

// Of statements that were prepared.
template <class T>
base::Result<T> own(base::Result<T> prepared) {
  if (!prepared && prepared.error().code == base::Code::E_FAIL)
    prepared.error().code = base::Code::BG_E_DATABASE_CORRUPT;
  return prepared;
}

class Reader {
 public:
  Reader(Database& database, Expected expected) : database_(database) {
    const auto room = [](std::uint64_t rows) {
      return static_cast<std::size_t>(std::min<std::uint64_t>(rows, room_max));
    };
    reading_.snapshot.jobs.reserve(room(expected.jobs));
    reading_.snapshot.files.reserve(room(expected.files));
    for_rows(reading_.snapshot.jobs);
    for_rows(reading_.snapshot.files);
    reading_.rows.reserve(room(expected.jobs));
    numbers_.reserve(room(expected.jobs));
    totals_.reserve(room(expected.jobs));
    reading_.ahead = std::make_unique<os::HeapAhead>(expected.memory);  // last: large pieces would be taken of it
  }

  base::Result<Reading> run() {
    BH_CHECK(far(read_jobs()));
    auto twice = begin_index();
    const auto files = far(read_files());
    finish_jobs(INT64_MAX);  // also when the files could not be read to their end
    drop_jobs(twice.get());
    count_anew();
    BH_CHECK(files);
    for (auto read : {&Reader::read_secrets, &Reader::read_events, &Reader::read_usage, &Reader::read_cache,
                      &Reader::read_preferences, &Reader::read_bans, &Reader::read_numbers})
      BH_CHECK(far((this->*read)()));
    return std::move(reading_);
  }

 private:
  template <class Row>
  static void for_rows(const std::vector<Row>& rows) {
    os::take_at_once(rows.data(), rows.capacity() * sizeof(Row));
  }

  // What is damaged is noted, and the rest is read all the same.
  base::Result<void> far(base::Result<void> result) {
    if (result || !is_damage(result.error())) return result;
    note(std::move(result).error());
    return {};
  }

  void note(base::Error error) {
    if (!reading_.damage) reading_.damage = std::move(error);
  }

  base::Result<void> read_numbers() {
    BH_TRY(reading_.numbers, sqlite::read_numbers(database_));
    return {};
  }

  base::Result<void> read_jobs() {
    std::vector<core::Job>& jobs = reading_.snapshot.jobs;
    BH_TRY(RowSource rows, own(sqlite::job_rows(database_)));
    for (;;) {
      BH_TRY(const bool more, rows.step());
      if (!more) return {};
      std::int64_t row = 0;
      core::Job& job = jobs.emplace_back();
      auto read = read_own(rows, row, job);
      if (row < INT64_MAX) reading_.next_row = std::max(reading_.next_row, row + 1);
      if (read) {
        share_texts(job);
        numbers_.push_back(row);
        totals_.push_back(job.files.total);
        continue;
      }
      jobs.pop_back();
      ++reading_.bad_jobs;
      note(std::move(read).error());
    }
  }

  // By their identity. Returned is which of them, by their place, have that of an earlier one. Of the jobs nothing
  // else is looked at: whoever reads the files changes how many a doubtful one has.
  std::vector<std::size_t> index_jobs() {
    std::vector<std::size_t> twice;
    for (std::size_t job = 0; job < numbers_.size(); ++job) {
      const StoredJob row{.row = numbers_[job], .files = totals_[job], .stored = true};
      if (!reading_.rows.emplace(reading_.snapshot.jobs[job].id, row).second) twice.push_back(job);
    }
    return twice;
  }

  // It needs no database, and goes beside what does; where there is no thread to be had, behind it.
  std::future<std::vector<std::size_t>> begin_index() {
    try {
      return std::async(std::launch::async, [this] { return index_jobs(); });
    } catch (const std::system_error&) {
      return std::async(std::launch::deferred, [this] { return index_jobs(); });
    }
  }

  void count_anew() {
    if (reading_.doubtful.empty()) return;
    for (const core::Job& job : reading_.snapshot.jobs)
      if (reading_.doubtful.contains(job.id)) reading_.rows.at(job.id).files = job.files.total;
  }

  // With their files, of which each has as many as it says.
  void drop_jobs(const std::vector<std::size_t>& twice) {
    std::vector<core::Job>& jobs = reading_.snapshot.jobs;
    std::vector<core::File>& files = reading_.snapshot.files;
    for (auto job = twice.rbegin(); job != twice.rend(); ++job) {
      const auto at = static_cast<std::ptrdiff_t>(*job);
      std::ptrdiff_t first = 0;
      for (std::size_t before = 0; before < *job; ++before) first += jobs[before].files.total;
      files.erase(files.begin() + first, files.begin() + first + jobs[*job].files.total);
      jobs.erase(jobs.begin() + at);
      numbers_.erase(numbers_.begin() + at);
      ++reading_.bad_jobs;
      note(damaged("a job stands in it twice."));
    }
  }

  // A few programs made all of them, and name theirs alike.
  void share_texts(core::Job& job) {
    share(program_, job.made_by.program);
    share(name_, job.name);
    share(description_, job.description);
  }
  static void share(base::Text& last, base::Text& text) {
    if (text == last)
      text = last;
    else
      last = text;
  }

  base::Result<void> read_own(RowSource& rows, std::int64_t& row, core::Job& job) {
    BH_TRY(const Trust trust, read_job(rows, row, job));
    if (trust == Trust::doubtful) {
      core::distrust(job);
      reading_.doubtful.insert(job.id);
    }
    return check(job);
  }

  base::Result<void> read_files() {
    BH_TRY(RowSource rows, own(sqlite::file_rows(database_)));
    for (;;) {
      BH_TRY(const bool more, rows.step());
      if (!more) return {};
      std::int64_t row = 0;
      core::File file;
      if (auto read = read_own(rows, row, file); !read) note(std::move(read).error());
    }
  }

  // A file whose row is not sound is lost: its names may have changed, and another file would be
  // written over.
  base::Result<void> read_own(RowSource& rows, std::int64_t& row, core::File& file) {
    BH_TRY(const Trust trust, read_file(rows, row, file));
    if (trust == Trust::doubtful) {
      reading_.bad_files.emplace_back(row, file.index);
      return {};
    }
    BH_CHECK(check(file));
    return place(row, std::move(file));
  }

  // Both tables come in the order of the row numbers.
  base::Result<void> place(std::int64_t row, core::File file) {
    finish_jobs(row);
    if (job_ == numbers_.size() || numbers_[job_] != row) return damaged("a file belongs to no job.");
    core::Job& job = reading_.snapshot.jobs[job_];
    if (file.index >= job.files.total) {
      if (!reading_.doubtful.contains(job.id)) return damaged("a job has fewer files than there are.");
      job.files.total = file.index + 1;
    }
    lose_until(file.index);
    file.job = job.id;
    ++next_file_;
    reading_.snapshot.files.push_back(std::move(file));
    return {};
  }

  // No file comes any more for the jobs before this row.
  void finish_jobs(std::int64_t row) {
    for (; job_ < numbers_.size() && numbers_[job_] < row; ++job_, next_file_ = 0) {
      core::Job& job = reading_.snapshot.jobs[job_];
      if (reading_.doubtful.contains(job.id)) believe_files(job);
      lose_until(job.files.total);
    }
  }

  // Of a job whose row is not sound the rows of the files tell how many there are.
  void believe_files(core::Job& job) {
    const std::uint32_t least = std::max(next_file_, std::min(job.files.total, 1U));
    const auto most = static_cast<std::uint32_t>(next_file_ + reading_.bad_files.size());
    job.files.total = std::clamp(job.files.total, least, std::max(least, most));
  }

  void lose_until(std::uint32_t index) {
    const base::JobId& job = reading_.snapshot.jobs[job_].id;
    for (; next_file_ < index; ++next_file_) {
      reading_.snapshot.files.push_back(core::lost_file(job, next_file_));
      reading_.incomplete.insert(job);
      ++reading_.lost_files;
    }
  }

  // By job, as the jobs were read. One that belongs to no job goes with the next that gets its number.
  base::Result<void> read_secrets() {
    BH_TRY(Statement statement, prepare_own(database_, select_secrets()));
    for (;;) {
      BH_TRY(const bool more, statement.step());
      if (!more) return {};
      std::int64_t row = 0;
      StoredSecret secret;
      const auto trust = read_secret(statement, row, secret);
      const auto number = std::ranges::lower_bound(numbers_, row);
      if (number == numbers_.end() || *number != row) continue;
      const base::JobId& job =
          reading_.snapshot.jobs[static_cast<std::size_t>(number - numbers_.begin())].id;
      reading_.rows.at(job).secrets = true;
      if (!trust || *trust == Trust::doubtful) {
        ++reading_.bad_secrets;
        reading_.lost_secrets.insert(job);
        continue;
      }
      auto& shelves = reading_.snapshot.shelves;
      if (shelves.empty() || shelves.back().job != job) shelves.push_back({job, {}});
      shelves.back().shelf.insert_or_assign(secret.slot, std::move(secret.sealed));
    }
  }

  base::Result<void> read_usage() {
    BH_TRY(Statement statement, prepare_own(database_, select_usage()));
    for (;;) {
      BH_TRY(const bool more, statement.step());
      if (!more) return {};
      core::Usage usage;
      const auto trust = sqlite::read_usage(statement, usage);
      if (trust && *trust == Trust::sound)
        reading_.snapshot.usage.push_back(std::move(usage));
      else
        ++reading_.bad_usage;
    }
  }

  base::Result<void> read_cache() {
    BH_TRY(Statement statement, prepare_own(database_, select_cache()));
    for (;;) {
      BH_TRY(const bool more, statement.step());
      if (!more) return {};
      core::CacheRecord record;
      const auto trust = sqlite::read_cache(statement, record);
      if (trust && *trust == Trust::sound)
        reading_.snapshot.cache.push_back(std::move(record));
      else
        ++reading_.bad_cache;
    }
  }

  base::Result<void> read_preferences() {
    BH_TRY(Statement statement, prepare_own(database_, select_preferences()));
    BH_TRY(const bool there, statement.step());
    if (!there) return {};
    const auto trust = sqlite::read_preferences(statement, reading_.snapshot.preferences);
    reading_.bad_preferences = !trust || *trust == Trust::doubtful;
    if (reading_.bad_preferences) reading_.snapshot.preferences = {};
    return {};
  }

  base::Result<void> read_bans() {
    BH_TRY(Statement statement, prepare_own(database_, select_bans()));
    for (;;) {
      BH_TRY(const bool more, statement.step());
      if (!more) return {};
      StoredBan ban;
      const auto trust = read_ban(statement, ban);
      if (trust && *trust == Trust::sound)
        reading_.snapshot.bans[ban.key] = ban.until;
      else
        ++reading_.bad_bans;
    }
  }

  base::Result<void> read_events() {
    BH_TRY(Statement statement, prepare_own(database_, select_events()));
    for (;;) {
      BH_TRY(const bool more, statement.step());
      if (!more) break;
      core::EventRecord event;
      const auto trust = read_event(statement, event);
      if (trust && *trust == Trust::doubtful) {
        reading_.bad_events.push_back(static_cast<std::int64_t>(event.sequence));
        continue;
      }
      base::Result<void> read;
      if (!trust) read = trust.error();
      if (read && (event.sequence == 0 || event.sequence > INT64_MAX))
        read = damaged("a number in column sequence cannot be right.");
      if (read)
        reading_.snapshot.events.push_back(event);
      else
        note(std::move(read).error());
    }
    // On the disk it may be longer, since it is cut now and then; nobody is shown more after a
    // restart than before.
    reading_.excess_events = core::cut(reading_.snapshot.events);
    return {};
  }

  Database& database_;
  Reading reading_;
  base::Text program_, name_, description_;  // of the last job
  std::vector<std::int64_t> numbers_;  // row numbers of snapshot.jobs
  std::vector<std::uint32_t> totals_;  // and how many files their rows say
  std::size_t job_ = 0;                // whose files are being read
  std::uint32_t next_file_ = 0;        // of it
};

}  // namespace

std::size_t memory_of(Expected expected, const std::string& path) {
  constexpr std::uint64_t of_job = 500;
  constexpr std::uint64_t of_file = 250;
  std::error_code none;
  const std::uintmax_t stored = std::filesystem::file_size(path, none);
  if (none) return 0;
  const std::uint64_t rows = std::min(expected.jobs, room_max) * of_job + std::min(expected.files, room_max) * of_file;
  return std::min<std::uint64_t>(rows, 3 * stored);  // no row is much larger in memory
}

base::Result<Reading> read_queue(Database& database, Expected expected) {
  return Reader(database, expected).run();
}

base::Result<Statement> prepare_own(Database& database, const std::string& sql) {
  return own(database.prepare(sql));
}

}  // namespace backhaul::sqlite
