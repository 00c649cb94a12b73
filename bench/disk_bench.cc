// SPDX-License-Identifier: Apache-2.0
// How fast the two disk adapters are by themselves, without network and engine:
//   disk_bench DIRECTORY small [FILES [GROUPS [FILES_PER_GROUP]]]
//                                         files of 1 KiB, durable, as the engine fetches ahead
//   disk_bench DIRECTORY large [MIB]      one file through a sink, with checkpoints
//   disk_bench DIRECTORY commit [JOBS]    new jobs in batches, then a restart
//   disk_bench DIRECTORY load             a restart alone
// Figures mean something only beside others of the same minute and the same disk. Space that was
// never written before is much slower on thin disks: run `large` twice.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/posix/direct_access.h"
#include "adapters/posix/posix_files.h"
#include "adapters/posix/system.h"
#include "adapters/sqlite/sqlite_store.h"

namespace {

using namespace backhaul;
using std::chrono_literals::operator""s;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// From construction to the call, wall and processor.
class Meter {
 public:
  explicit Meter(const loop::Loop& loop) : loop_(loop), wall_(loop.now()), cpu_(cpu_seconds()) {}
  double wall() const { return std::chrono::duration<double>(loop_.now() - wall_).count(); }
  double cpu() const { return cpu_seconds() - cpu_; }

 private:
  const loop::Loop& loop_;
  base::BootTime wall_;
  double cpu_;
};

// Hands on what was posted in turns, as the engine takes it.
class Reactor final : public ports::Inbox {
 public:
  explicit Reactor(loop::Loop& loop) : turn_(loop, loop::Order::turn, [this] {
    for (const ports::Event& event : std::exchange(events_, {})) on_event(event);
  }) {}
  void post(ports::Event event) override {
    if (events_.empty()) turn_.schedule();
    events_.push_back(std::move(event));
  }
  std::function<void(const ports::Event&)> on_event;

 private:
  std::vector<ports::Event> events_;
  loop::Deferred turn_;
};

void check(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "disk_bench: %s\n", what);
  std::exit(1);
}

// At most this many received but not synced (docs/architecture.md).
constexpr std::uint32_t unsynced = 64;

void small(const std::string& directory, std::uint32_t files,
           const posix::PosixFilesSettings& settings) {
  loop::Loop loop;
  base::NullLog log;
  Reactor inbox(loop);
  posix::OneOwner owners(022);
  posix::PosixFiles adapter(loop, inbox, log, owners, settings);
  posix::SystemRandom random;
  const base::JobId job = random.new_job_id();
  const std::string content(1024, 'x');
  std::uint32_t next = 0;
  std::uint32_t closed = 0;
  ports::PublishRequest publish{.job = job, .owner = {geteuid(), {}}, .files = {}, .drop = {}};
  const auto local = [&](std::uint32_t i) { return directory + "/small-" + std::to_string(i); };
  const auto open_next = [&] {
    if (next == files) return;
    adapter.open({.transfer = base::TransferId{next}, .job = job, .owner = {geteuid(), {}},
                  .index = next, .local = local(next)});
    ++next;
  };
  inbox.on_event = [&](const ports::Event& event) {
    if (const auto* opened = std::get_if<ports::PartOpened>(&event)) {
      ports::Sink* sink = adapter.sink(opened->transfer);
      check(sink->write_at(0, std::as_bytes(std::span(content))), "a small write was refused");
      sink->end_of_data();
    } else if (const auto* stored = std::get_if<ports::PartStored>(&event)) {
      const auto index = static_cast<std::uint32_t>(stored->transfer);
      publish.files.push_back({.part = {index, stored->epoch, local(index)},
                               .recorded = {.volume = stored->device,
                                            .mount = stored->mount,
                                            .inode = stored->inode,
                                            .stored = stored->stored,
                                            .tail = stored->tail},
                               .modified = base::WallTime{}});
      adapter.close(stored->transfer);
      open_next();
    } else if (std::get_if<ports::PartClosed>(&event) != nullptr) {
      ++closed;
    } else if (const auto* published = std::get_if<ports::Published>(&event)) {
      for (const auto& file : published->files) check(!file.error, "publishing failed");
      closed = 0;
    } else {
      check(false, "a part failed");
    }
  };
  const Meter meter(loop);
  for (std::uint32_t i = 0; i < unsynced; ++i) open_next();
  while (closed < files) loop.run_once(1s);
  std::printf("small: %u files stored: %.0f files/s, %.0f us CPU each\n", files,
              files / meter.wall(), 1e6 * meter.cpu() / files);
  const Meter publishing(loop);
  adapter.publish(std::move(publish));
  while (closed != 0) loop.run_once(1s);
  std::printf("small: published: %.0f files/s\n", files / publishing.wall());
}

void large(const std::string& directory, std::uint64_t mib) {
  loop::Loop loop;
  base::NullLog log;
  Reactor inbox(loop);
  posix::OneOwner owners(022);
  posix::PosixFiles adapter(loop, inbox, log, owners, {});
  posix::SystemRandom random;
  const std::uint64_t size = mib << 20;
  std::vector<std::byte> piece(16 * 1024);  // what libcurl hands over at a time
  for (std::size_t i = 0; i < piece.size(); ++i) piece[i] = static_cast<std::byte>(i * 7);
  int checkpoints = 0;
  double longest = 0;
  bool done = false;
  std::function<void(ports::Sink*)> fill = [&](ports::Sink* sink) {
    const Meter turn(loop);
    while (sink->taken() < size) {
      if (sink->write_at(sink->taken(), piece)) continue;
      sink->on_room([&fill, sink] { fill(sink); });
      break;
    }
    longest = std::max(longest, turn.wall());
    if (sink->taken() == size) sink->end_of_data();
  };
  inbox.on_event = [&](const ports::Event& event) {
    if (const auto* opened = std::get_if<ports::PartOpened>(&event))
      fill(adapter.sink(opened->transfer));
    else if (const auto* stored = std::get_if<ports::PartStored>(&event))
      stored->final ? adapter.close(stored->transfer) : void(++checkpoints);
    else if (std::get_if<ports::PartClosed>(&event) != nullptr)
      done = true;
    else
      check(false, "the part failed");
  };
  const Meter meter(loop);
  adapter.open({.transfer = base::TransferId{1}, .job = random.new_job_id(), .owner = {geteuid(), {}},
                .local = directory + "/large"});
  while (!done) loop.run_once(1s);
  const double gib = static_cast<double>(mib) / 1024;
  std::printf("large: %.3f GiB/s synced, %.3f s CPU per GiB, %d checkpoints, longest turn %.1f ms\n",
              gib / meter.wall(), meter.cpu() / gib, checkpoints, 1e3 * longest);
}

core::Job typical_job(posix::SystemRandom& random, std::uint64_t order) {
  core::Job job;
  job.id = random.new_job_id();
  job.order = order;
  job.name = "a job with an ordinary name";
  job.files.total = 1;
  return job;
}

void load(const std::string& path) {
  loop::Loop loop;
  base::NullLog log;
  sqlite::SqliteStore store(loop, path, log);
  const Meter meter(loop);
  check(store.open().has_value(), "cannot open the database again");
  const auto snapshot = store.load();
  check(snapshot.has_value(), "cannot load");
  std::printf("commit: %zu jobs loaded in %.1f ms\n", snapshot->jobs.size(), 1e3 * meter.wall());
}

void commit(const std::string& directory, std::uint64_t jobs) {
  const std::string path = directory + "/queue.db";
  posix::SystemRandom random;
  for (const std::uint64_t per_batch : {1, 10, 64, 256}) {
    for (const char* suffix : {"", "-wal"}) std::filesystem::remove(path + suffix);
    loop::Loop loop;
    base::NullLog log;
    sqlite::SqliteStore store(loop, path, log);
    check(store.open() && store.load(), "cannot make the database");
    std::uint64_t done = 0;
    const std::uint64_t total = per_batch == 1 ? jobs / 10 : jobs;
    const Meter meter(loop);
    std::function<void()> next = [&] {
      ports::Batch batch;
      for (std::uint64_t i = 0; i < per_batch; ++i) {
        batch.jobs.push_back(typical_job(random, done + i));
        batch.files.push_back({.job = batch.jobs.back().id,
                               .remote = "https://downloads.example.org/pool/main/some/file.bin",
                               .local = "/home/somebody/Downloads/some/file.bin"});
      }
      store.commit(std::move(batch), [&](base::Result<void> result) {
        check(result.has_value(), "a commit failed");
        done += per_batch;
        if (done < total) next();
      });
    };
    next();
    while (done < total) loop.run_once(1s);
    std::printf("commit: batches of %3ju: %.0f jobs/s, %.0f us CPU each\n",
                static_cast<std::uintmax_t>(per_batch), static_cast<double>(total) / meter.wall(),
                1e6 * meter.cpu() / static_cast<double>(total));
  }
  load(path);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[2] : "";
  const auto number = [&](std::uint64_t usual, int position = 3) {
    return argc > position ? std::strtoull(argv[position], nullptr, 10) : usual;
  };
  posix::PosixFilesSettings settings;
  settings.syncing.at_once = static_cast<unsigned>(number(settings.syncing.at_once, 4));
  settings.syncing.most = number(settings.syncing.most, 5);
  settings.threads.at_work = std::max(settings.threads.at_work, settings.syncing.at_once + 2);
  if (what == "small")
    small(argv[1], static_cast<std::uint32_t>(number(10'000)), settings);
  else if (what == "large")
    large(argv[1], number(1024));
  else if (what == "commit")
    commit(argv[1], number(10'000));
  else if (what == "load")
    load(std::string(argv[1]) + "/queue.db");
  else
    check(false, "usage: disk_bench DIRECTORY small|large|commit [NUMBER]");
}
