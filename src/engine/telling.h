// SPDX-License-Identifier: Apache-2.0
// Telling: the ladder, driven. What is due stands in the rows, core/notify_ladder decides, the Notifier
// and the Launcher perform, an answer to an earlier number is dropped. Owns the deliveries under way
// and in line, the classes that do not start, the modifications and the programs that run.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "core/notify_ladder.h"
#include "engine/change.h"
#include "engine/class_starts.h"
#include "engine/deliveries.h"
#include "engine/draft.h"
#include "engine/modifications.h"
#include "engine/range_news.h"
#include "ports/events.h"
#include "ports/notifier.h"

namespace backhaul::engine {

class Telling {
 public:
  const Modifications& modifications() const { return modifications_; }

  void on(Draft& draft, const ports::DeliveryEnded& event) const;
  void on(Draft& draft, const ports::ClassInstalled& event) const;
  void on(Draft& draft, const ports::SessionBegan& event) const;
  void on(Draft& draft, const ports::PeerGone& event) const;
  void on(Draft& draft, const news::Restarted& news) const;

  // When everything else of the turn is decided: a final job leaves the queue, unless its events still
  // have to be told (AutoComplete completes first, then tells) or somebody hears of the change itself.
  void settle(Draft& draft) const;
  void merged(Change& change);
  // Starts of classes that failed before the service went down.
  void recovered(const Context& context, const core::Job& job);
  // Whether it tries at once, after a restart, what failed before: its owner may have a session now.
  static bool tries_anew(const Context& context, const core::Job& job);

  // When the pause of its class or the interval of its modifications, or of its ranges, is over.
  base::BootTime due(const Context& context, const core::Job& job) const;
  bool idle() const { return deliveries_.empty(); }
  // What was not heard yet, for people.
  ports::NotifyState state(const Context& context, const core::Job& job) const;
  // Its class is told as soon as its owner has a session.
  bool waits_for_session(const core::Job& job) const;

  bool operator==(const Telling&) const = default;

 private:
  // The event of a job that could be delivered now, and where its ladder begins.
  struct Due {
    core::NotifyKind kind = core::NotifyKind::none;
    std::uint64_t sequence = 0;
    core::Rung rung = core::Rung::object;
    bool later = false;  // it waits for its time, and what comes behind it waits too
  };
  // A start of a class that failed: how often in a row, and how long nobody tries again.
  struct FailedStart {
    std::uint32_t failures = 0;
    base::Microseconds pause{};
  };

  // classes.cc: those that do not start
  void begin_anew(Draft& draft, const ClassKey& key) const;
  std::optional<FailedStart> note_start(Draft& draft, const Delivery& delivery, core::RungResult result,
                                        bool no_session) const;
  bool is_paused(const Context& context, const ClassKey& key) const;
  // Likewise, as this turn has it: a start that failed in it counts already.
  bool is_paused(const Draft& draft, const ClassKey& key) const;
  base::BootTime paused_until(const Context& context, const core::Job& job) const;
  void index_class(Change& change, const ClassKey& key);

  // telling.cc
  void stream_ended(Draft& draft, const Delivery& delivery,
                    const ports::DeliveryEnded& event) const;
  bool owes_anything(const Draft& draft, const core::Job& job) const;

  static bool somebody_hears(const Context& context, const core::Job& job, core::NotifyKind kind);

  // telling_due.cc: what is due, and who is next
  std::optional<Due> owed(const Context& context, const core::Job& job,
                          const core::Pending& pending) const;
  std::optional<Due> due_now(const Context& context, const core::Job& job) const;
  std::optional<Due> modification_due_now(const Context& context, const core::Job& job) const;
  std::optional<Due> ranges_due_now(const Context& context, const core::Job& job) const;
  std::optional<Due> streamed(const Context& context, const core::Job& job,
                              core::NotifyKind kind) const;
  void look_at_ranges(const Change& change, const RowChange& row);
  ports::UnheardEvent unheard(const Context& context, const core::Job& job,
                              const core::Pending& pending) const;
  static bool commands_allowed(const Context& context, const core::Job& job);
  static Applicant applicant(const core::Job& job, const Due& due);
  void index(const Context& context, const core::Job& job);
  void forget(const base::JobId& job);
  void begin_deliveries(Change& change);
  void begin_modification(Change& change, const core::Job& job);
  void begin_ranges(Change& change, const core::Job& job);
  void begin(Change& change, const core::Job& job, const Due& due,
             ports::Notification notification = {});

  Deliveries deliveries_;
  ClassStarts class_starts_;
  Modifications modifications_;
  std::unordered_map<base::JobId, RangeNews> range_news_;
  std::set<base::JobId> programs_;  // jobs whose command line is running
};

}  // namespace backhaul::engine
