// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/store.h"

#include <algorithm>
#include <utility>

#include "core/event_log.h"

namespace backhaul::sim {

base::Result<ports::Snapshot> SimStore::load() {
  ports::Snapshot snapshot;
  snapshot.next_sequence = next_sequence_;
  snapshot.service_time = service_time_;
  snapshot.events = events_;
  core::cut(snapshot.events);
  for (const auto& [id, row] : rows_) {
    snapshot.jobs.push_back(row.job);
    for (const auto& [index, file] : row.files) snapshot.files.push_back(file);
    if (!row.shelf.empty()) snapshot.shelves.push_back({id, row.shelf});
  }
  for (const auto& [key, usage] : usage_) snapshot.usage.push_back(usage);
  for (const auto& [number, record] : cache_) snapshot.cache.push_back(record);
  snapshot.preferences = preferences_;
  snapshot.bans = bans_;
  return snapshot;
}

const SimStore::Row* SimStore::find(const base::JobId& id) const {
  auto it = rows_.find(id);
  return it == rows_.end() ? nullptr : &it->second;
}

const core::EventRecord* SimStore::event(std::uint64_t sequence) const {
  const auto it = std::lower_bound(
      events_.begin(), events_.end(), sequence,
      [](const core::EventRecord& event, std::uint64_t number) { return event.sequence < number; });
  return it == events_.end() || it->sequence != sequence ? nullptr : &*it;
}

void SimStore::commit(ports::Batch batch,
                      std::move_only_function<void(base::Result<void>)> done) {
  stage_.port_call();
  if (in_flight_) stage_.fail("two commits at once");
  in_flight_ = true;
  if (on_nothing_durable) on_nothing_durable();
  const bool fails = std::exchange(fails_next_, false) || broken || stage_.chance(stage_.options.commit_fails);
  const base::Code code = broken.value_or(base::Code::DISK_FULL);
  stage_.timeline.in_service(
      stage_.draw(stage_.options.commit),
      [this, fails, code, batch = std::move(batch), done = std::move(done)]() mutable {
        if (!fails) write(batch);
        stage_.trace(fails ? "commit fails" : "commit of " + std::to_string(batch.jobs.size()) +
                                                  " jobs, " + std::to_string(batch.files.size()) +
                                                  " files");
        stage_.timeline.in_service(stage_.draw(stage_.options.commit_answer),
                                   [this, fails, code, done = std::move(done)]() mutable {
                                     in_flight_ = false;
                                     if (fails && on_nothing_durable) on_nothing_durable();
                                     if (fails)
                                       done(base::Error(code));
                                     else
                                       done({});
                                   });
      });
}

// Listeners page through it by the numbers: each comes once, and none behind a higher one.
void SimStore::write_events(const ports::Batch& batch) {
  if (batch.service_time < service_time_) stage_.fail("the service clock went back");
  service_time_ = batch.service_time;
  for (const core::EventRecord& event : batch.events) {
    if (!events_.empty() && event.sequence <= events_.back().sequence)
      stage_.fail("event " + std::to_string(event.sequence) + " is logged behind event " +
                  std::to_string(events_.back().sequence));
    if (event.sequence >= batch.next_sequence) stage_.fail("a number of the log may come again");
    events_.push_back(event);
  }
}

void SimStore::write_cache(const ports::Batch& batch) {
  for (const core::CacheRecord& record : batch.cache) {
    if (record.number == 0 || record.number >= batch.next_sequence) stage_.fail("a record's number may come again");
    cache_[record.number] = record;
    on_cached(record);
  }
  if (batch.preferences) preferences_ = *batch.preferences;
  if (batch.bans) bans_ = *batch.bans;
  for (const std::uint64_t number : batch.cache_removed)
    if (cache_.erase(number) == 0) stage_.fail("a record was removed that is not stored");
}

void SimStore::write(const ports::Batch& batch) {
  ++commits_;
  if (batch.next_sequence < next_sequence_) stage_.fail("sequence numbers are given out again");
  next_sequence_ = batch.next_sequence;
  write_events(batch);
  for (const core::Usage& usage : batch.usage) {
    const auto key = std::tuple(usage.network, usage.day, usage.owner);
    if (usage.octets > 0)
      usage_[key] = usage;
    else
      usage_.erase(key);
  }
  const Rows before = [&] {
    Rows rows;
    for (const core::Job& job : batch.jobs)
      if (auto it = rows_.find(job.id); it != rows_.end()) rows.insert(*it);
    for (const core::File& file : batch.files)
      if (auto it = rows_.find(file.job); it != rows_.end()) rows.insert(*it);
    return rows;
  }();
  std::set<base::JobId> touched;
  for (const core::Job& job : batch.jobs) {
    if (!rows_.contains(job.id) && !seen_.insert(job.id).second)
      stage_.fail("a job came back from the dead");
    rows_[job.id].job = job;
    touched.insert(job.id);
  }
  for (const core::File& file : batch.files) {
    if (!rows_.contains(file.job)) stage_.fail("a file without a job");
    rows_[file.job].files[file.index] = file;
    touched.insert(file.job);
  }
  for (const ports::ShelfOfJob& shelf : batch.shelves) {
    if (!rows_.contains(shelf.job)) stage_.fail("secrets without a job");
    rows_[shelf.job].shelf = shelf.shelf;
  }
  for (const base::JobId& id : touched) {
    auto old = before.find(id);
    on_change(old == before.end() ? nullptr : &old->second, &rows_.at(id));
  }
  write_cache(batch);
  for (const base::JobId& id : batch.removed) {
    auto it = rows_.find(id);
    if (it == rows_.end()) {
      stage_.fail("a job was removed that is not stored");
      continue;
    }
    on_change(&it->second, nullptr);
    rows_.erase(it);
  }
}

}  // namespace backhaul::sim
