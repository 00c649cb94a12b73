// SPDX-License-Identifier: Apache-2.0
// What is due and who is next; what the committed rows bring begins here.
#include <algorithm>
#include <utility>
#include <variant>

#include "core/damage.h"
#include "core/random_access.h"
#include "engine/classes.h"
#include "engine/telling.h"

namespace backhaul::engine {

using core::NotifyKind;
using core::Rung;

bool Telling::commands_allowed(const Context& context, const core::Job& job) {
  return core::may_run(context.policy->commands, job.command->program) &&
         core::may_run_commands(job, context.settings.machine_wide);
}

// --- what is due ---------------------------------------------------------------------------------

// File events come before the state event of their job (N60, N61), but only where somebody hears
// them: an object without the second interface, or a command line alone, waits for none (N19, N127).
// One after another: while a call about a file lasts, its callee gets nothing else of this job, even
// if the event has been settled otherwise (the file was found not valid inside the call).
std::optional<Telling::Due> Telling::due_now(const Context& context, const core::Job& job) const {
  if (job.intent != core::Intent::none || !core::owes_file_events(job)) return std::nullopt;
  if (deliveries_.tells_file(job)) return std::nullopt;
  auto due = owed(context, job, job.file_event);
  // While their class does not start nobody hears them: a command line under it does not wait for that either.
  const bool paused = due && due->rung == Rung::notify_class && is_paused(context, class_of(job));
  if (!due || paused) {
    const auto of_state = owed(context, job, job.pending);
    if (!due || (of_state && of_state->rung == Rung::command)) due = of_state;
  }
  return due && !due->later ? due : std::nullopt;
}

std::optional<Telling::Due> Telling::owed(const Context& context, const core::Job& job,
                                          const core::Pending& pending) const {
  if (pending.kind == NotifyKind::none || !core::wanted(job, pending.kind)) return std::nullopt;
  const bool commands = commands_allowed(context, job);
  auto rung = core::rung_for(job, pending.kind, pending.rung, commands);
  bool later = pending.due.has_value();
  // A class that did not start for somebody else did not start for this job either.
  if (rung == Rung::notify_class && is_paused(context, class_of(job))) {
    const auto below = core::rung_for(job, pending.kind, Rung::command, commands);
    if (below) rung = below;
    else later = true;
  }
  if (!rung) return std::nullopt;
  // One program of a job at a time, also when another event is due meanwhile.
  if (*rung == Rung::command && programs_.contains(job.id)) return std::nullopt;
  return Due{pending.kind, pending.sequence, *rung, later};
}

std::optional<Telling::Due> Telling::modification_due_now(const Context& context,
                                                          const core::Job& job) const {
  const Modification& modification = modifications_.at(job.id);
  if (!modification.due || modification.not_before > context.now().boot) return std::nullopt;
  return streamed(context, job, NotifyKind::job_modification);
}

std::optional<Telling::Due> Telling::ranges_due_now(const Context& context,
                                                    const core::Job& job) const {
  if (base::is_final(job.state) || job.intent != core::Intent::none) return std::nullopt;
  const RangeNews& news = range_news_.at(job.id);
  if (!news.is_due() || news.not_before > context.now().boot) return std::nullopt;
  return streamed(context, job, NotifyKind::file_ranges_transferred);
}

std::optional<Telling::Due> Telling::streamed(const Context& context, const core::Job& job,
                                              NotifyKind kind) const {
  if (!core::wanted(job, kind)) return std::nullopt;
  const auto rung = core::rung_for(job, kind, Rung::object, false);
  if (!rung) return std::nullopt;
  if (*rung == Rung::notify_class && is_paused(context, class_of(job))) return std::nullopt;
  return Due{kind, 0, *rung};
}

base::BootTime Telling::due(const Context& context, const core::Job& job) const {
  base::BootTime due = paused_until(context, job);
  if (const auto it = modifications_.find(job.id);
      it != modifications_.end() && it->second.due && it->second.not_before > context.now().boot)
    due = std::min(due, it->second.not_before);
  if (const auto it = range_news_.find(job.id);
      it != range_news_.end() && it->second.is_due() && it->second.not_before > context.now().boot)
    due = std::min(due, it->second.not_before);
  return due;
}

// --- who is next ---------------------------------------------------------------------------------

// Whose slot it takes, and who is called.
Applicant Telling::applicant(const core::Job& job, const Due& due) {
  const Candidate candidate{stream_of(due.kind), due.sequence, job.id,
                            due.rung == Rung::object ? job.object->sequence : 0};
  switch (due.rung) {
    case Rung::object: return {job.object->uid, job.object->unique_name, candidate};
    case Rung::notify_class: return {job.owner_uid, job.notify_class->name, candidate};
    case Rung::command: return {job.command->uid, job.command->program, candidate};
  }
  return {};
}

void Telling::index(const Context& context, const core::Job& job) {
  const auto applying = [&](const std::optional<Due>& due) {
    return due ? std::optional(applicant(job, *due)) : std::nullopt;
  };
  deliveries_.set(Stream::events, job.id, applying(due_now(context, job)));
  const auto modification = modifications_.find(job.id);
  if (modification != modifications_.end())
    deliveries_.set(Stream::modifications, job.id, applying(modification_due_now(context, job)));
  const auto ranges = range_news_.find(job.id);
  if (ranges != range_news_.end())
    deliveries_.set(Stream::ranges, job.id, applying(ranges_due_now(context, job)));
  const bool something = job.pending->kind != NotifyKind::none ||
                         job.file_event->kind != NotifyKind::none ||
                         (modification != modifications_.end() && modification->second.due) ||
                         (ranges != range_news_.end() && ranges->second.is_due());
  class_starts_.set_owed(job.id, something && !job.object ? class_of(job) : ClassKey{});
}

void Telling::forget(const base::JobId& job) {
  for (const Stream stream : {Stream::events, Stream::ranges, Stream::modifications})
    deliveries_.set(stream, job, std::nullopt);
  class_starts_.set_owed(job, {});
  modifications_.erase(job);
  range_news_.erase(job);
}

void Telling::merged(Change& change) {
  const Context& context = change.context();
  change.draft.modifications.merge([&](const base::JobId& id, std::optional<Modification> value) {
    Overlay<Modification>::put(modifications_, id, std::move(value));
  });
  // What is due by a command may not be, and the other way round.
  if (change.other_rules)
    for (const auto& [order, id] : context.table.by_order()) index(context, context.table.find(id)->job);
  for (const RowChange& row : change.rows) {
    if (row.after == nullptr) {
      forget(row.id);
      continue;
    }
    const core::Job& job = *row.after;
    if (row.before && row.properties != 0 && core::is_modification(*row.before, job) &&
        (job.notify_flags & base::notify::job_modification) != 0)
      modifications_[row.id].due = true;
    look_at_ranges(change, row);
    index(context, job);
  }
  change.take_notes([&](const note::DeliveryEnds& note) {
    const Delivery ended = *deliveries_.find(note.ticket);
    deliveries_.end(note.ticket);
    if (ended.rung == Rung::command) programs_.erase(ended.job);
    if (context.table.in_queue(ended.job)) index(context, context.table.find(ended.job)->job);
  });
  change.take_notes([&](const note::ClassFailed& note) {
    class_starts_.failed(note.key, note.failures, context.now().boot + note.pause, note.no_session);
    index_class(change, note.key);
  });
  change.take_notes([&](const note::ClassStarts& note) {
    if (class_starts_.forget(note.key)) index_class(change, note.key);
  });
  // Those whose interval, or whose class's pause, is over get in line.
  for (const base::JobId& id : change.over)
    if (context.table.in_queue(id)) index(context, context.table.find(id)->job);
  if (!change.begin_nothing) begin_deliveries(change);
}

void Telling::begin_deliveries(Change& change) {
  const Context& context = change.context();
  while (const auto candidate = deliveries_.next(context.settings.notifications_per_user)) {
    const core::Job& job = context.table.find(candidate->job)->job;
    switch (candidate->stream) {
      case Stream::events: begin(change, job, *due_now(context, job)); break;
      case Stream::ranges: begin_ranges(change, job); break;
      case Stream::modifications: begin_modification(change, job); break;
    }
  }
}

void Telling::begin_modification(Change& change, const core::Job& job) {
  const Context& context = change.context();
  const Due due = *modification_due_now(context, job);
  Modification& modification = modifications_[job.id];
  modification.due = false;
  modification.called = job.object ? job.object->sequence : 0;
  modification.not_before = context.now().boot + job.notification_interval;
  begin(change, job, due);
  index(context, job);
}

void Telling::begin_ranges(Change& change, const core::Job& job) {
  const Context& context = change.context();
  const Due due = *ranges_due_now(context, job);
  RangeNews& news = range_news_.at(job.id);
  ports::Notification notification;
  notification.file = news.next_file();
  notification.ranges = news.tell(context.table.find(job.id)->files[notification.file]);
  news.not_before = context.now().boot + job.notification_interval;
  change.retime.push_back(job.id);
  begin(change, job, due, std::move(notification));
  index(context, job);
}

// Of the files that changed; of all of them where somebody begins to listen, and after a restart.
void Telling::look_at_ranges(const Change& change, const RowChange& row) {
  const core::Job& job = *row.after;
  const auto listens = [](const core::Job& one) {
    return (one.notify_flags & base::notify::file_ranges_transferred) != 0;
  };
  if (!listens(job) || base::is_final(job.state)) return;
  const Entry& entry = *change.context().table.find(job.id);
  const auto saw = [&](const core::File& file) {
    if (core::tells_ranges(job, file))
      range_news_[job.id].saw(file);
    else if (const auto news = range_news_.find(job.id); news != range_news_.end())
      news->second.forget(file.index);
  };
  const auto draft = change.draft.jobs().find(job.id);
  const bool all = draft == change.draft.jobs().end() || !row.before || !listens(*row.before) ||
                   row.before->rare->on_demand_mode != job.rare->on_demand_mode;
  if (all)
    for (const core::File& file : entry.files) saw(file);
  else
    for (const auto& [index, file] : draft->second.files) saw(entry.files[index]);
}

void Telling::begin(Change& change, const core::Job& job, const Due& due,
                    ports::Notification notification) {
  const Applicant callee = applicant(job, due);
  const base::Ticket ticket = deliveries_.begin({.job = job.id,
                                                 .uid = callee.uid,
                                                 .kind = due.kind,
                                                 .sequence = due.sequence,
                                                 .rung = due.rung,
                                                 .callee = callee.callee,
                                                 .object = callee.candidate.object});
  if (due.rung == Rung::command) {
    programs_.insert(job.id);
    core::Owner setter{job.command->uid, {}, {}};
    // Of anybody else no name is known, and on the service of the machine no command line runs (core::may_run_commands).
    if (setter.uid == job.owner_uid) setter.account = std::string(job.rare->account.view());
    change.draft.effect(effect::RunProgram{{.ticket = ticket,
                                            .owner = std::move(setter),
                                            .job = job.id,
                                            .command = job.command}});
    return;
  }
  notification.ticket = ticket;
  notification.owner = due.rung == Rung::object ? core::Owner{job.object->uid, {}} : core::owner_of(job);
  notification.kind = due.kind;
  notification.sequence = due.sequence;
  notification.job = job.id;
  if (due.kind == NotifyKind::file_transferred) notification.file = job.event_file;
  if (due.kind == NotifyKind::job_error && job.error) notification.error = *job.error;
  if (due.rung == Rung::object)
    notification.target = ports::ObjectTarget{*job.object};
  else
    notification.target =
        ports::ClassTarget{job.notify_class, change.context().settings.class_start_timeout};
  change.draft.effect(effect::Notify{std::move(notification)});
}

// --- what was not heard yet ----------------------------------------------------------------------

ports::UnheardEvent Telling::unheard(const Context& context, const core::Job& job,
                                     const core::Pending& pending) const {
  using Wait = ports::NotifyWait;
  ports::UnheardEvent event{pending.kind, pending.sequence, Wait::nobody, pending.attempts, {}};
  const auto at = [&](Wait wait, base::BootTime when) {
    event.wait = wait;
    const base::Instant now = context.clocks.this_moment();
    event.next = context.clocks.on_wall_clock(std::max(when, now.boot), now);
  };
  const Wait start = class_starts_.lacks_session(class_of(job)) ? Wait::session : Wait::start;
  if (deliveries_.tells(job.id, pending.sequence)) {
    event.wait = Wait::answer;
  } else if (const auto due = owed(context, job, pending)) {
    if (pending.due)
      at(pending.failed_starts > 0 ? start : Wait::retry,
         context.clocks.resolve(*pending.due));
    else if (due->later)
      at(start, paused_until(context, job));
    else
      event.wait = Wait::turn;
  } else if (programs_.contains(job.id) && core::wanted(job, pending.kind)) {
    event.wait = Wait::turn;  // behind its own program
  }
  return event;
}

ports::NotifyState Telling::state(const Context& context, const core::Job& job) const {
  ports::NotifyState state;
  // A file event is due for every file; without its flag nobody means to hear it.
  if (core::wanted(job, job.file_event->kind))
    state.unheard.push_back(unheard(context, job, job.file_event));
  if (job.pending->kind != NotifyKind::none)
    state.unheard.push_back(unheard(context, job, job.pending));
  if (job.command->program.empty()) return state;
  if (!core::may_run(context.policy->commands, job.command->program))
    state.command_bar = ports::CommandBar::policy;
  else if (!core::may_run_commands(job, context.settings.machine_wide))
    state.command_bar = ports::CommandBar::account;
  return state;
}

}  // namespace backhaul::engine
