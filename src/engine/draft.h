// SPDX-License-Identifier: Apache-2.0
// What one turn changes: copies of rows over the committed table, what the parts keep for them, and
// the effects that follow once the rows are durable. Dropped whole if the commit fails: nothing that
// outlives a turn changes before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/context.h"
#include "engine/effects.h"
#include "engine/input.h"
#include "engine/notes.h"
#include "engine/overlay.h"
#include "engine/view.h"
#include "ports/store.h"

namespace backhaul::engine {

// Soft changes are facts that a restart restores by itself (jobs that were running are QUEUED
// again) or that are written together with the next hard change of the same row; they are worth no
// commit, and those of a file no row in a commit of its job.
enum class Weight : std::uint8_t { soft, hard };

class Draft {
 public:
  Draft(const Context& context, const View& view);
  Draft(Draft&& other) noexcept;
  ~Draft();

  // What the rest of the turn sees of what the parts keep.
  Numbers numbers;
  core::ByAccount<std::uint64_t> grown;  // by so many octets, by commands of this turn
  Conditions conditions;
  Overlay<Run> runs;
  Overlay<Line, base::PeerId> lines;
  Overlay<OpenIntent> intents;
  Overlay<Modification> modifications;
  Overlay<core::Shelf> shelves;
  Overlay<CacheEntry, base::RecordId> cache;
  CacheRoom cache_room;
  SharedSite site;
  Overlay<Approaches> approaches;

  // Likewise, but there may be many of them: copied when they change.
  const Holds& holds() const { return holds_ ? *holds_ : view_.holds; }
  Holds& edit_holds() {
    if (!holds_) holds_ = view_.holds;
    return *holds_;
  }
  bool holds_changed() const { return holds_.has_value(); }
  std::optional<Holds> take_holds() { return std::exchange(holds_, std::nullopt); }

  const Context& context() const { return context_; }
  const base::Instant& now() const { return context_.now(); }
  const View& view() const { return view_; }

  // The runs as this turn sees them: `say(job, run)`.
  template <class Say>
  void each_run(const Say& say) const {
    for (const auto& [id, committed] : view_.runs.all())
      if (const Run* run = runs.find(id)) say(id, *run);
    for (const base::JobId& id : runs.touched())
      if (const Run* run = runs.find(id); run != nullptr && view_.runs.find(id) == nullptr) say(id, *run);
  }

  // The row as this turn sees it. Null if there is no such job in the queue.
  const core::Job* job(const base::JobId& id) const;
  const core::File* file(const base::JobId& id, std::uint32_t index) const;
  std::uint32_t file_count(const base::JobId& id) const;
  // The first file that owes an event.
  std::optional<std::uint32_t> first_file_event(const base::JobId& id) const;
  // In the order of the queue: jobs that may be in one of these states (base::is_action), and all that
  // this turn changed. What state they are in the caller looks at.
  std::vector<base::JobId> perhaps_in(std::initializer_list<base::JobState> states) const;

  // Jobs in the queue, and those of an account, as this turn sees them.
  std::size_t job_count() const;
  std::size_t job_count(const core::Account& account) const;
  // Of all accounts of which `say(account)` is so; there are not as many of them as of jobs.
  std::size_t job_count_of(const std::function<bool(const core::Account&)>& say) const;
  std::size_t job_count(const core::Creator& creator) const;
  // What the rows of an account take (core/weight.h) as they were committed, with what commands of this turn added.
  std::uint64_t octets(const core::Account& account) const;
  void grow(const core::Account& account, std::uint64_t octets) { grown[account] += octets; }
  // Jobs with an object, a callback or a certificate validator, in this process of the bus.
  std::vector<base::JobId> registered_by(const std::string& unique_name) const;

  core::Job& edit(const base::JobId& id, Weight weight);
  // Edits a file and keeps the job's counters in step.
  void edit_file(const base::JobId& id, std::uint32_t index, Weight weight,
                 const std::function<void(core::File&)>& change);
  void add_file(core::File file);
  void insert(core::Job job);
  void set_owner(const base::JobId& id, const core::Owner& owner);
  // The job leaves the queue; `holder` may go on asking for it.
  void bury(const base::JobId& id);
  void set_holder(const base::JobId& id, base::PeerId holder) { open(id).holder = holder; }
  // Takes everything of a draft that touched other jobs than this one.
  void adopt(Draft other);

  // One of the alternatives of Effect, and of Note. Made in draft.cc alone, for the same reason
  // as the values themselves are (base/sum.h).
  template <class Value>
  void effect(Value value);
  std::vector<Effect>& effects() { return effects_; }
  template <class Value>
  void note(Value value);
  const std::vector<Note>& notes() const { return notes_; }
  void log(base::LogLevel level, std::string text, std::optional<base::JobId> job = {}) {
    effect(effect::Log{level, std::move(text), job});
  }

  // A call that this turn answers, or takes up to answer it later: without the commit it is refused.
  void took(base::CallId call) {
    if (call != base::CallId::none) calls_.push_back(call);
  }
  const std::vector<base::CallId>& calls() const { return calls_; }

  // What must not be lost if the commit fails: put back in front of the inbox.
  void keep_if_dropped(Input input);
  std::vector<Input>& kept() { return kept_; }

  // Of two answers to one call the first counts.
  bool is_first_answer(base::Ticket call) { return answered_.insert(call).second; }

  void record(core::EventRecord event) { events_.push_back(event); }
  const std::vector<core::EventRecord>& events() const { return events_; }

  // The service time is worth a commit by itself.
  void keep_time() { keeps_time_ = true; }
  bool keeps_time() const { return keeps_time_; }

  bool needs_commit() const;
  ports::Batch batch() const;

  struct FileDraft {
    core::File row;
    bool hard = false;
  };
  struct JobDraft {
    core::Job job;
    std::map<std::uint32_t, FileDraft> files;
    bool inserted = false;
    bool buried = false;
    bool hard = false;
    base::PeerId holder{};
  };
  std::map<base::JobId, JobDraft>& jobs() { return jobs_; }
  const std::map<base::JobId, JobDraft>& jobs() const { return jobs_; }
  // Jobs of which this turn changes anything, with what the parts keep for them.
  std::set<base::JobId> touched() const;

 private:
  bool has_other_bans() const;
  JobDraft& open(const base::JobId& id);

  const Context& context_;
  const View& view_;
  std::optional<Holds> holds_;
  std::map<base::JobId, JobDraft> jobs_;
  core::ByAccount<std::ptrdiff_t> owned_;          // jobs that came, or went, by account
  std::map<core::Creator, std::ptrdiff_t> made_;   // and by who made them
  std::vector<Effect> effects_;
  std::vector<Note> notes_;
  std::vector<base::CallId> calls_;
  std::vector<Input> kept_;
  std::set<base::Ticket> answered_;
  std::vector<core::EventRecord> events_;
  bool keeps_time_ = false;
};

}  // namespace backhaul::engine
