// SPDX-License-Identifier: Apache-2.0
// What the rows say after a restart. How it is taken up the first turns decide: whoever has something
// to go on with finds news of it in the inbox.
#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include "core/damage.h"
#include "core/job_table.h"
#include "core/weight.h"
#include "engine/engine.h"
#include "engine/job_steps.h"

namespace backhaul::engine {
namespace {

core::FileCounters sum(const std::vector<core::File>& files) {
  core::FileCounters counters;
  for (const core::File& file : files) core::count(counters, file);
  return counters;
}

// Those of this job, which come first.
std::vector<core::File> take_files(std::span<core::File>& files, const base::JobId& job) {
  const auto end = std::ranges::find_if(files, [&](const core::File& file) { return file.job != job; });
  std::vector<core::File> taken(std::move_iterator(files.begin()), std::move_iterator(end));
  files = {end, files.end()};
  return taken;
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
base::StoredDeadline in_this_boot(const base::StoredDeadline& deadline, const Clocks& clocks) {
  const base::BootTime due = clocks.resolve(deadline);
  return {clocks.boot_id(), due, clocks.now().wall + (due - clocks.now().boot), deadline.period};
}

}  // namespace

base::Result<void> Engine::recover() {
  const std::optional<base::JobId> poisoned = ports_.crash_page.poisoned();
  BH_TRY(ports::Snapshot snapshot, ports_.store.load());
  context_.clocks.start(snapshot);
  parts_.conditions.world.network_up = ports_.environment.network_up();
  parts_.conditions.world.route = ports_.environment.route();
  auto spent = std::make_shared<core::Ledger>();
  for (const core::Usage& one : snapshot.usage)
    spent->put(one.network, core::Day(std::chrono::days(one.day)), one.owner, one.octets);
  parts_.conditions.world.spent = parts_.conditions.stored = std::move(spent);
  if (snapshot.preferences != core::PeerPreferences()) {
    auto policy = std::make_shared<core::Policy>(*context_.policy);
    core::prefer(policy->cache, policy->neighbours, snapshot.preferences);
    parts_.conditions.preferences = snapshot.preferences;
    parts_.conditions.policy = context_.policy = std::move(policy);
  }
  const auto surroundings = ports_.machine.surroundings();
  parts_.conditions.known = surroundings.has_value();
  if (surroundings) parts_.conditions.world.around = *surroundings;
  if (parts_.conditions.policy->goes_by_hours())
    parts_.conditions.next_look = context_.now().boot;
  parts_.timers.start(context_.now().boot);
  history_.append(snapshot.events);
  // Also where the queue was damaged no number is told twice.
  Numbers& numbers = parts_.numbers;
  numbers.next_sequence = snapshot.next_sequence;
  if (!snapshot.events.empty())
    numbers.next_sequence = std::max(numbers.next_sequence, snapshot.events.back().sequence + 1);
  for (const core::EventRecord& event : snapshot.events) {
    if (event.kind != core::NotifyKind::none) continue;
    numbers.next_order = std::max(numbers.next_order, event.order + 1);
    history_.made(core::owner_of(event), event.order, event.job);
  }
  for (const core::Job& job : snapshot.jobs)
    numbers.next_order = std::max(numbers.next_order, job.order + 1);

  parts_.keeping.recovered(std::move(snapshot.shelves));
  parts_.caching.recovered(std::move(snapshot.cache), context_.now().service);
  parts_.neighbourhood.recovered(snapshot.bans, context_.now().service);
  context_.table.reserve(snapshot.jobs.size());
  std::vector<const Entry*> rows;
  rows.reserve(snapshot.jobs.size());
  std::span<core::File> files(snapshot.files);
  for (core::Job& job : snapshot.jobs) {
    std::vector<core::File> own = take_files(files, job.id);
    rows.push_back(&restore(std::move(job), std::move(own), poisoned));
  }
  BH_ASSERT(files.empty());
  take_up(std::move(rows), poisoned);
  wake_();
  return {};
}

const Entry& Engine::restore(core::Job job, std::vector<core::File> files,
                             const std::optional<base::JobId>& poisoned) {
  const Clocks& clocks = context_.clocks;
  const std::uint32_t total = job.files.total;
  Entry entry{std::move(job), in_order(std::move(files), job.id, total)};
  core::Job& row = entry.job;
  core::not_ahead(row, clocks.now().service);
  for (core::File& file : entry.files) core::not_ahead(file, clocks.now().service);
  // Counters of files may be newer in a file's row than in the job's: the rows decide.
  row.files = sum(entry.files);
  // Two of one place in the list: only in a queue that was damaged.
  if (context_.table.owners().contains(row.order)) row.order = parts_.numbers.next_order++;
  // Only what was running is stepped: the less is done before the service answers, the better. The job
  // that the service crashed at waits until it is set aside, and one that asks but once for the first
  // turn, since what becomes of it is told and has to be stored.
  const bool waits = row.id == poisoned || core::asks_once(row);
  if (base::is_running(row.state) && !waits) {
    ports_.crash_page.begin(row.id);
    BH_ASSERT(core::step(row, core::JobEvent::restarted,
                         {clocks.now(), clocks.boot_id(), parts_.numbers.next_sequence}));
    ports_.crash_page.end();
  }
  if (row.retry) row.retry = in_this_boot(*row.retry, clocks);
  for (auto* pending : {&row.pending, &row.file_event})
    if (const auto due = (*pending)->due) pending->edit().due = in_this_boot(*due, clocks);
  if (row.object && !ports_.notifier.watch(*row.object)) lose_object(row);
  if (auto& validator = row.certificate_check;
      validator && validator->can_ask() && !ports_.notifier.watch(validator->object))
    validator->object.unique_name.clear();
  if (auto& wish = row.server_wish) wish->until = in_this_boot(wish->until, clocks);
  parts_.fetching.recovered(entry);
  parts_.telling.recovered(context_, row);
  const Shelves& shelves = parts_.keeping.shelves();
  if (const auto shelf = shelves.find(row.id); shelf != shelves.end()) entry.octets = core::weigh(shelf->second);
  return context_.table.insert(std::move(entry));
}

// The parts are told of every row as if it had just been committed. Nothing is begun before the first
// turn, and the job that the service crashed at comes first.
void Engine::take_up(std::vector<const Entry*> rows, const std::optional<base::JobId>& poisoned) {
  if (poisoned) inbox_.emplace_back(news::Poisoned{*poisoned});
  std::set<core::Account> accounts;
  for (const Entry* entry : rows)  // no other row has a name (core::is_watched)
    if (!entry->job.rare->account.empty()) accounts.insert(core::account_of(core::owner_of(entry->job)));
  for (const core::Account& account : accounts)
    if (!ports_.accounts.watch(account)) parts_.conditions.accounts_known = false;
  Draft draft(context_, view_);
  Change change{.draft = draft, .rows = {}, .over = {}, .retime = {}, .begin_nothing = true};
  std::ranges::sort(rows, {}, [](const Entry* entry) { return entry->job.order; });
  for (const Entry* entry : rows) {
    const core::Job& row = entry->job;
    const base::JobId& id = row.id;
    change.rows.assign(1, RowChange{.id = id, .before = {}, .after = &row, .properties = 0});
    change.retime.clear();
    history_.made(core::owner_of(row), row.order, id);
    parts_.merged(change);
    if (core::asks_once(row) && base::is_running(row.state) && id != poisoned)
      inbox_.emplace_back(news::RequestLost{id});
    const bool waits = row.state == base::JobState::transient_error && !row.retry;
    if (waits || base::is_final(row.state) || row.intent != core::Intent::none || core::is_about_to_complete(row) ||
        Telling::tries_anew(context_, row))
      inbox_.emplace_back(news::Restarted{id});
  }
}

}  // namespace backhaul::engine
