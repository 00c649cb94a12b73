// SPDX-License-Identifier: Apache-2.0
// What one turn changes: copies of rows over the committed table, the replies, and the actions that
// follow once the rows are durable. Dropped whole if the commit fails.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "base/result.h"
#include "engine/table.h"
#include "ports/events.h"
#include "ports/queue.h"
#include "ports/store.h"

namespace backhaul::engine {

// Soft changes are facts that a restart restores by itself (jobs that were running are QUEUED
// again) or that are written together with the next hard change; they are worth no commit.
enum class Weight : std::uint8_t { soft, hard };

class Draft {
 public:
  using Action = std::move_only_function<void()>;

  explicit Draft(const Table& committed) : committed_(committed) {}

  // The row as this turn sees it. Null if there is no such job in the queue.
  const core::Job* job(const base::JobId& id) const;
  const core::File* file(const base::JobId& id, std::uint32_t index) const;
  std::uint32_t file_count(const base::JobId& id) const;

  core::Job& edit(const base::JobId& id, Weight weight);
  // Edits a file and keeps the job's counters in step.
  void edit_file(const base::JobId& id, std::uint32_t index, Weight weight,
                 const std::function<void(core::File&)>& change);
  void add_file(core::File file);
  void insert(core::Job job);
  void bury(const base::JobId& id, base::PeerId holder);
  // Takes everything of a draft that touched other jobs than this one.
  void adopt(Draft other);

  void reply(base::CallId call, base::Result<ports::ReplyValue> value);
  void after_commit(Action action) { actions_.push_back(std::move(action)); }

  // Events whose news must not be lost if the commit fails: put back in front of the inbox.
  void keep_if_dropped(ports::Event event) { world_.push_back(std::move(event)); }
  std::vector<ports::Event>& world() { return world_; }

  // Of two answers to one call the first counts.
  bool is_first_answer(base::Ticket call) { return answered_.insert(call).second; }

  void record(core::EventRecord event) { events_.push_back(event); }
  const std::vector<core::EventRecord>& events() const { return events_; }

  // Whether a job came, went or changed state or priority, so that the scheduler must look again.
  bool moved() const { return moved_; }
  void note_move() { moved_ = true; }
  // The service time is worth a commit by itself.
  void keep_time() { keeps_time_ = true; }

  bool needs_commit() const;
  ports::Batch batch() const;

  struct JobDraft {
    core::Job job;
    std::map<std::uint32_t, core::File> files;
    bool inserted = false;
    bool buried = false;
    bool hard = false;
    base::PeerId holder{};
  };
  struct PendingReply {
    base::CallId call{};
    base::Result<ports::ReplyValue> value;
  };
  std::map<base::JobId, JobDraft>& jobs() { return jobs_; }
  std::vector<PendingReply>& replies() { return replies_; }
  std::vector<Action>& actions() { return actions_; }

 private:
  JobDraft& open(const base::JobId& id);

  const Table& committed_;
  std::map<base::JobId, JobDraft> jobs_;
  std::vector<PendingReply> replies_;
  std::vector<Action> actions_;
  std::vector<ports::Event> world_;
  std::set<base::Ticket> answered_;
  std::vector<core::EventRecord> events_;
  bool moved_ = false;
  bool keeps_time_ = false;
};

}  // namespace backhaul::engine
