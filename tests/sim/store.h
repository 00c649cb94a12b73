// SPDX-License-Identifier: Apache-2.0
// Store: deep copies of the committed rows. A commit becomes durable some time before the engine
// hears of it; the service may die in either interval. Rows are judged when they become durable.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "ports/store.h"
#include "tests/sim/files.h"
#include "tests/sim/origin.h"
#include "tests/sim/stage.h"

namespace backhaul::sim {

class SimStore final : public ports::Store {
 public:
  struct Row {
    core::Job job;
    std::map<std::uint32_t, core::File> files;
    core::Shelf shelf{};
  };
  using Rows = std::map<base::JobId, Row>;

  explicit SimStore(Stage& stage) : stage_(stage) {}

  base::Result<ports::Snapshot> load() override;
  void commit(ports::Batch batch,
              std::move_only_function<void(base::Result<void>)> done) override;

  void service_died() { in_flight_ = false; }
  const Rows& rows() const { return rows_; }
  const Row* find(const base::JobId& id) const;
  // By another hand than the service's, which must not run.
  Row& edit(const base::JobId& id) { return rows_.at(id); }
  // Every line of the event log that was ever written, as the commits came.
  const std::vector<core::EventRecord>& events() const { return events_; }
  const core::EventRecord* event(std::uint64_t sequence) const;
  bool in_flight() const { return in_flight_; }
  std::uint64_t commits() const { return commits_; }
  bool ever_had(const base::JobId& id) const { return seen_.contains(id); }

  // A row as it never was committed.
  Row& tamper(const base::JobId& id) { return rows_.at(id); }

  // What is kept for neighbours, by the numbers of the records.
  const std::map<std::uint64_t, core::CacheRecord>& cached() const { return cache_; }

  std::optional<base::Code> broken;  // every commit fails with this
  void fail_next() { fails_next_ = true; }  // one commit does

  // Called with the row before (null: new) and after (null: removed), when it is durable.
  std::function<void(const Row* before, const Row* after)> on_change;
  // Called when a record is durable, in front of the rows that leave.
  std::function<void(const core::CacheRecord&)> on_cached;
  // Called when a commit comes, and again when the engine is about to hear that it failed.
  std::function<void()> on_nothing_durable;

 private:
  void write(const ports::Batch& batch);
  void write_events(const ports::Batch& batch);
  void write_cache(const ports::Batch& batch);

  Stage& stage_;
  Rows rows_;
  std::vector<core::EventRecord> events_;
  std::map<std::tuple<std::string, std::int32_t, core::Owner>, core::Usage> usage_;
  std::map<std::uint64_t, core::CacheRecord> cache_;
  core::PeerPreferences preferences_;
  core::Bans bans_;
  base::ServiceTime service_time_{};
  std::set<base::JobId> seen_;
  std::uint64_t next_sequence_ = 1;
  std::uint64_t commits_ = 0;
  bool in_flight_ = false;
  bool fails_next_ = false;
};

// The promises every durable row keeps by itself and against what it was before; and what it says
// of parts against the disk and the origin.
class RowChecks {
 public:
  RowChecks(Stage& stage, Disk& disk, Origin& origin)
      : stage_(stage), disk_(disk), origin_(origin) {}
  void check(const SimStore::Row* before, const SimStore::Row* after);
  // A file that got its local name is one version of its origin, whole and durable.
  void check_published(const core::File& file, const Inode& inode);
  // Its part was deleted from outside: until it is begun again the record of it is no promise.
  void exempt(const PartKey& key) { exempt_.insert(key); }

 private:
  void check_job(const SimStore::Row& row);
  void check_file_event(const SimStore::Row& row);
  void check_step(const SimStore::Row& before, const SimStore::Row& after);
  void check_intent(const core::Job& was, const core::Job& is);
  void check_file(const core::Job& job, const core::File& file);
  void check_fresh(const core::File& file, const std::string& who);
  bool were_wrong(const core::File& file, const core::Extents& bytes) const;
  std::string name(const core::Job& job) const;

  Stage& stage_;
  Disk& disk_;
  Origin& origin_;
  std::set<PartKey> exempt_;
  std::set<PartKey> moved_;  // they had another address once
};

}  // namespace backhaul::sim
