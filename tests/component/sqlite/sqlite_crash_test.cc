// SPDX-License-Identifier: Apache-2.0
// A process that commits is killed at any moment: what it was told is durable must be there.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <unordered_map>

#include "adapters/sqlite/sqlite_store.h"
#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"

namespace backhaul::sqlite {
namespace {

using std::chrono_literals::operator""s;

// Every commit holds `pair` jobs of the same order, so that half a transaction would be seen.
constexpr int pair = 2;

base::JobId id_of(std::uint64_t order, int which) {
  base::JobId id;
  for (int i = 0; i < 8; ++i) id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(order >> 8 * i);
  id.bytes[15] = static_cast<std::uint8_t>(which);
  return id;
}

// Writes a byte to `fd` whenever its loop has done something, until it is killed.
[[noreturn]] void give_back_pages(const std::string& path, int fd) {
  loop::Loop loop;
  base::NullLog log;
  SqliteStore store(loop, path, log);
  if (!store.open()) _exit(1);
  if (!store.load()) _exit(2);
  store.check_later();
  for (;;) {
    loop.run_once(1s);
    if (write(fd, "", 1) != 1) _exit(3);
  }
}

// The child: commits until it is killed, and writes the order of each acknowledged commit to `fd`.
[[noreturn]] void commit_for_ever(const std::string& path, int fd) {
  loop::Loop loop;
  base::NullLog log;
  SqliteStore store(loop, path, log);
  if (!store.open()) _exit(1);
  auto snapshot = store.load();
  if (!snapshot) _exit(2);
  std::uint64_t order = snapshot->next_sequence;
  std::function<void()> next = [&] {
    ports::Batch batch;
    for (int which = 0; which < pair; ++which) {
      core::Job job;
      job.id = id_of(order, which);
      job.order = order;
      job.files.total = 1;
      job.description = std::string(order * 37 % 3'000, 'd');
      batch.files.push_back({.job = job.id, .stored = core::Extents::until(order)});
      batch.jobs.push_back(std::move(job));
    }
    batch.next_sequence = order + 1;
    store.commit(std::move(batch), [&](base::Result<void> result) {
      if (!result || write(fd, &order, sizeof order) != sizeof order) _exit(3);
      ++order;
      next();
    });
  };
  next();
  for (;;) loop.run_once(1s);
}

// A child does its work and reports by a pipe. It is killed when `until` has read enough of that; `rest` reads what came
// before the end.
void kill_in_the_middle(const std::function<void(int)>& work, const std::function<void(int)>& until,
                        const std::function<void(int)>& rest = {}) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(ends[0]);
    work(ends[1]);
  }
  close(ends[1]);
  until(ends[0]);
  kill(child, SIGKILL);
  if (rest) rest(ends[0]);
  close(ends[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
}

TEST(SqliteCrash, NothingAcknowledgedIsMissingAfterSigkill) {
  test::TempDir directory;
  const std::string path = directory / "queue.db";
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 8; ++round) {
    // Each round lets it get a different number of commits further, past a checkpoint now and then.
    const int commits = 5 + 131 * round % 300;
    const auto next = [&](int reports) {
      std::uint64_t order = 0;
      if (read(reports, &order, sizeof order) != sizeof order) return false;
      acknowledged = order;
      return true;
    };
    ASSERT_NO_FATAL_FAILURE(kill_in_the_middle(
        [&](int reports) { commit_for_ever(path, reports); },
        [&](int reports) {
          bool more = true;
          for (int i = 0; i < commits && more; ++i) more = next(reports);
        },
        [&](int reports) {
          while (next(reports)) continue;
        }));

    loop::Loop loop;
    test::RecordingLog log;
    SqliteStore store(loop, path, log);
    ASSERT_TRUE(store.open());
    auto snapshot = store.load();
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(log.text(), "");
    std::unordered_map<std::uint64_t, int> found;
    for (const core::Job& job : snapshot->jobs) ++found[job.order];
    for (std::uint64_t i = 1; i <= acknowledged; ++i) ASSERT_EQ(found[i], pair) << i;
    for (const auto& [each, count] : found) ASSERT_EQ(count, pair) << "half a commit: " << each;
    ASSERT_EQ(snapshot->files.size(), snapshot->jobs.size());
    ASSERT_GT(snapshot->next_sequence, acknowledged);
  }
}

// Of `many` jobs in their order one of `apart` stays.
void make_mostly_free(const std::string& path, std::uint64_t many, std::uint64_t apart) {
  loop::Loop loop;
  base::NullLog log;
  SqliteStore store(loop, path, log);
  ASSERT_TRUE(store.open() && store.load());
  ports::Batch batch;
  ports::Batch ended;
  for (std::uint64_t order = 1; order <= many; ++order) {
    core::Job job;
    job.id = id_of(order, 0);
    job.order = order;
    job.description = std::string(3'500, 'd');
    batch.jobs.push_back(std::move(job));
    if (order % apart != 0) ended.removed.push_back(id_of(order, 0));
  }
  int done = 0;
  for (ports::Batch* each : {&batch, &ended})
    store.commit(std::move(*each), [&](base::Result<void> result) { done += result ? 1 : 100; });
  while (done < 2) loop.run_once(1s);
  ASSERT_EQ(done, 2);
}

TEST(SqliteCrash, NothingIsMissingWhenItIsKilledWhilePagesAreGivenBack) {
  constexpr std::uint64_t stay = 40;
  constexpr std::uint64_t apart = 100;
  test::TempDir directory;
  const std::string path = directory / "queue.db";
  make_mostly_free(path, stay * apart, apart);
  for (const int steps : {1, 2, 3, 5, 8}) {
    ASSERT_NO_FATAL_FAILURE(kill_in_the_middle(
        [&](int reports) { give_back_pages(path, reports); },
        [&](int reports) {
          char byte = 0;
          for (int i = 0; i < steps; ++i) ASSERT_EQ(read(reports, &byte, 1), 1);
        }));

    loop::Loop loop;
    test::RecordingLog log;
    SqliteStore store(loop, path, log);
    ASSERT_TRUE(store.open());
    const auto snapshot = store.load();
    ASSERT_TRUE(snapshot);
    ASSERT_EQ(snapshot->jobs.size(), stay);
    for (const core::Job& job : snapshot->jobs) ASSERT_EQ(job.order % apart, 0U);
    EXPECT_EQ(log.text(), "");
  }
}

}  // namespace
}  // namespace backhaul::sqlite
