// SPDX-License-Identifier: Apache-2.0
// What the rows say after a restart, and how it is taken up.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/damage.h"
#include "engine/engine.h"

namespace backhaul::engine {
namespace {

core::FileCounters sum(const std::vector<core::File>& files) {
  core::FileCounters counters;
  for (const core::File& file : files) core::count(counters, file);
  return counters;
}

// Each file at the place of its index. A row that is missing leaves no gap that looks like the end.
std::vector<core::File> in_order(std::vector<core::File> rows, const base::JobId& job,
                                 std::uint32_t total) {
  std::uint32_t next = 0;
  const bool whole = std::ranges::all_of(
      rows, [&next](const core::File& row) { return row.index == next++; });
  if (whole && next == total) return rows;  // as it always is
  std::vector<core::File> files;
  for (std::uint32_t index = 0; index < total; ++index) files.push_back(core::lost_file(job, index));
  for (core::File& row : rows) {
    BH_ASSERT(row.index < total);
    files[row.index] = std::move(row);
  }
  return files;
}

// From here on it runs by the clock of this boot, whatever happens to the wall clock.
base::StoredDeadline in_this_boot(const base::StoredDeadline& deadline, const base::Instant& now,
                                  const std::string& boot_id) {
  const base::BootTime due = resolve(deadline, now, boot_id);
  return {boot_id, due, now.wall + (due - now.boot), deadline.period};
}

}  // namespace

base::Result<void> Engine::recover() {
  boot_id_ = ports_.clock.boot_id();
  now_ = ports_.clock.now();
  network_up_ = ports_.environment.network_up();
  poisoned_ = ports_.crash_page.poisoned();
  BH_TRY(ports::Snapshot snapshot, ports_.store.load());
  next_sequence_ = snapshot.next_sequence;
  start_clock(snapshot);
  events_.assign(snapshot.events.begin(), snapshot.events.end());
  // Also where the queue was damaged no number is told twice.
  if (!events_.empty()) next_sequence_ = std::max(next_sequence_, events_.back().sequence + 1);
  for (const core::EventRecord& event : events_) {
    if (event.kind != core::NotifyKind::none) continue;
    next_order_ = std::max(next_order_, event.order + 1);
    note_made(event.owner_uid, event.order, event.job);
  }

  std::unordered_map<base::JobId, std::vector<core::File>> files;
  for (core::File& file : snapshot.files) files[file.job].push_back(std::move(file));
  for (const core::Job& job : snapshot.jobs) next_order_ = std::max(next_order_, job.order + 1);
  for (core::Job& job : snapshot.jobs) {
    std::vector<core::File> rows = std::move(files[job.id]);
    restore(std::move(job), std::move(rows));
  }
  next_inactivity_scan_ = now_.boot;
  wake_();
  return {};
}

void Engine::restore(core::Job job, std::vector<core::File> files) {
  const std::uint32_t total = job.files.total;
  Entry entry{std::move(job), in_order(std::move(files), job.id, total)};
  // Counters of files may be newer in a file's row than in the job's: the rows decide.
  entry.job.files = sum(entry.files);
  // Two of one place in the list: only in a queue that was damaged.
  if (table_.by_order().contains(entry.job.order)) entry.job.order = next_order_++;
  note_made(entry.job.owner_uid, entry.job.order, entry.job.id);
  // Soft facts of the last run are over; nobody but this line and the table knows them.
  if (base::is_running(entry.job.state)) entry.job.state = base::JobState::queued;
  for (auto* deadline : {&entry.job.retry, &entry.job.pending.due, &entry.job.file_event.due})
    if (*deadline) **deadline = in_this_boot(**deadline, now_, boot_id_);
  if (entry.job.object && !ports_.notifier.watch(*entry.job.object)) entry.job.object.reset();
  if (auto& validator = entry.job.validator;
      validator && validator->can_ask() && !ports_.notifier.watch(validator->object))
    validator->object.unique_name.clear();
  if (auto& wish = entry.job.server_wish) {
    wish->until = in_this_boot(wish->until, now_, boot_id_);
    holds_.hold(wish->origin, wish->until.boot);
  }
  const base::JobId id = entry.job.id;
  table_.insert(std::move(entry));
  const core::Job& row = table_.find(id)->job;
  agenda_.update(nullptr, &row);
  index_timers(nullptr, &row);
  index_delivery(&row);
  for (const core::Pending* pending : {&row.pending, &row.file_event})
    if (pending->failed_starts > 0 && pending->due)
      pause_class(row.service.name, {pending->failed_starts,
                                     resolve(*pending->due, now_, boot_id_) - now_.boot});
  const bool waits = row.state == base::JobState::transient_error && !row.retry;
  if (waits || base::is_final(row.state)) recovered_.push_back(id);
  if (row.intent != core::Intent::none && id != poisoned_) {
    intents_.try_emplace(id);
    carry_out_intent(id);
  }
}

}  // namespace backhaul::engine
