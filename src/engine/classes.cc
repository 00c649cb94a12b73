// SPDX-License-Identifier: Apache-2.0
// Classes that do not start: when each is tried again, and what ends that.
#include "engine/classes.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/damage.h"
#include "core/notify_ladder.h"
#include "engine/telling.h"

namespace backhaul::engine {

using core::Rung;

void forget_failed_starts(Draft& draft, const base::JobId& id) {
  const core::Job* job = draft.job(id);
  if (job == nullptr || job->pending->failed_starts + job->file_event->failed_starts == 0) return;
  core::Job& row = draft.edit(id, Weight::hard);
  for (auto* pending : {&row.pending, &row.file_event}) {
    if ((*pending)->failed_starts == 0) continue;
    pending->edit().failed_starts = 0;
    pending->edit().due.reset();
  }
}

void Telling::begin_anew(Draft& draft, const ClassKey& key) const {
  for (const base::JobId& id : class_starts_.owed(key)) forget_failed_starts(draft, id);
  draft.note(note::ClassStarts{key});
}

// Another program stands behind the class: what the former failed to do is tried at once.
void Telling::on(Draft& draft, const ports::ClassInstalled& event) const {
  draft.keep_if_dropped(event);
  for (const ClassKey& key : class_starts_.known([&](const ClassKey& one) { return one.name == event.name; }))
    begin_anew(draft, key);
}

void Telling::on(Draft& draft, const ports::SessionBegan& event) const {
  draft.keep_if_dropped(event);
  for (const ClassKey& key : class_starts_.known([&](const ClassKey& one) { return one.owner == event.owner; }))
    begin_anew(draft, key);
}

std::optional<Telling::FailedStart> Telling::note_start(Draft& draft, const Delivery& delivery,
                                                        core::RungResult result, bool no_session) const {
  if (delivery.rung != Rung::notify_class) return std::nullopt;
  const ClassKey key{delivery.callee, delivery.uid};
  if (result != core::RungResult::unavailable) {
    draft.note(note::ClassStarts{key});
    return std::nullopt;
  }
  // Whoever waited for the same start failed with it: that is one failure. It may have been another
  // start of before the pause, though, and nobody is told again at once (N51).
  const std::uint32_t failures = class_starts_.failures(key);
  if (is_paused(draft.context(), key)) {
    constexpr base::Microseconds least = core::shortest_retry_delay;
    const base::Microseconds rest = class_starts_.paused_until(key) - draft.now().boot;
    return FailedStart{failures, std::max(least, rest)};
  }
  const core::Job* job = draft.job(delivery.job);
  const FailedStart start{failures + 1, core::retry_delay(job != nullptr ? *job : core::Job{},
                                                          failures + 1, delivery.rung, result)};
  draft.note(note::ClassFailed{key, start.failures, start.pause, no_session});
  // Jobs that stay for this class alone do not wait for the end of its pause.
  for (const base::JobId& id : class_starts_.owed(key))
    if (const core::Job* owing = draft.job(id); owing != nullptr && base::is_final(owing->state))
      draft.edit(id, Weight::soft);
  return start;
}

bool Telling::is_paused(const Context& context, const ClassKey& key) const {
  return class_starts_.paused_until(key) > context.now().boot;
}

bool Telling::is_paused(const Draft& draft, const ClassKey& key) const {
  return is_paused(draft.context(), key) ||
         std::ranges::any_of(draft.notes(), [&](const Note& note) {
           const auto* failed = std::get_if<note::ClassFailed>(&note);
           return failed != nullptr && failed->key == key;
         });
}

// When the class of this job may be started again; never: nothing keeps it from being started.
base::BootTime Telling::paused_until(const Context& context, const core::Job& job) const {
  if (job.object || job.notify_class->empty() || !is_paused(context, class_of(job))) return base::never;
  return class_starts_.paused_until(class_of(job));
}

// Whether a session was missing is in no row, and none is heard of that began meanwhile.
bool Telling::tries_anew(const Context& context, const core::Job& job) {
  return context.settings.machine_wide && job.pending->failed_starts + job.file_event->failed_starts > 0;
}

void Telling::recovered(const Context& context, const core::Job& job) {
  if (tries_anew(context, job)) return;
  for (const core::Pending* pending : {&*job.pending, &*job.file_event})
    if (pending->failed_starts > 0 && pending->due)
      class_starts_.failed(class_of(job), pending->failed_starts, context.clocks.resolve(*pending->due));
}

void Telling::index_class(Change& change, const ClassKey& key) {
  for (const base::JobId& id : class_starts_.owed(key)) {
    index(change.context(), change.context().table.find(id)->job);
    change.retime.push_back(id);
  }
}

bool Telling::waits_for_session(const core::Job& job) const {
  const bool owes = job.pending->kind != core::NotifyKind::none || job.file_event->kind != core::NotifyKind::none;
  return owes && !job.object && !job.notify_class->empty() && class_starts_.lacks_session(class_of(job));
}

}  // namespace backhaul::engine
