// SPDX-License-Identifier: Apache-2.0
#include "engine/job_steps.h"

#include <utility>

namespace backhaul::engine {
namespace {

// Whoever asks for the job when it has gone learns what became of it; nobody is notified.
void record_end(Draft& draft, const core::Job& job) {
  const bool partly = job.state == base::JobState::acknowledged && job.files.transferred < job.files.total;
  draft.record({.sequence = draft.numbers.next_sequence++,
                .job = job.id,
                .end = job.state,
                .order = job.order,
                .code = partly ? base::Code::BG_S_PARTIAL_COMPLETE : base::Code::S_OK,
                .owner_uid = job.owner_uid,
                .time = draft.now().wall,
                .application = job.application,
                .account = job.rare->account});
}

}  // namespace

// States in which only the scheduler moves a job are soft: a restart restores them.
base::Result<core::Effects> step(Draft& draft, const base::JobId& id, core::JobEvent event,
                                 std::optional<core::ErrorInfo> error) {
  const core::Job* row = draft.job(id);
  BH_ASSERT(row != nullptr);
  const bool of_turn = event == core::JobEvent::turn_given || event == core::JobEvent::turn_taken ||
                       event == core::JobEvent::connected;
  // After a crash the row of a job that asks but once has to tell whether it asked.
  const bool soft = of_turn && !core::asks_once(*row);
  const Context& context = draft.context();
  context.crash_page.begin(id);
  core::Job copy = *row;
  auto effects = core::step(
      copy, event, {draft.now(), context.clocks.boot_id(), draft.numbers.next_sequence},
      std::move(error));
  if (effects) {
    // Nothing but the time of the change is different: worth no row of its own.
    if (copy != *row) draft.edit(id, soft ? Weight::soft : Weight::hard) = std::move(copy);
    if (effects->stop_transfers) account_time(draft, id);
    if (effects->event_due) record_event(draft, *draft.job(id));
    if (effects->state_changed && base::is_final(draft.job(id)->state)) {
      record_end(draft, *draft.job(id));
      drop_secrets(draft, id);
    }
  }
  context.crash_page.end();
  return effects;
}

void record_event(Draft& draft, const core::Job& job) {
  core::EventRecord event;
  event.sequence = job.pending->sequence;
  event.job = job.id;
  event.kind = job.pending->kind;
  if (event.kind == core::NotifyKind::job_error && job.error) {
    event.file = job.error->file;
    event.code = job.error->code;
  }
  event.owner_uid = job.owner_uid;
  event.time = draft.now().wall;
  event.application = job.application;
  event.account = job.rare->account;
  draft.record(event);
}

bool moves(const Draft& draft, const base::JobId& id) {
  const core::Job* job = draft.job(id);
  return job != nullptr && base::is_running(job->state) && job->intent == core::Intent::none;
}

void account_time(Draft& draft, const base::JobId& id, Weight weight) {
  const Run* run = draft.runs.find(id);
  const core::Job* job = draft.job(id);
  if (run == nullptr || job == nullptr || !base::is_running(job->state)) return;
  const base::BootTime now = draft.now().boot;
  if (now <= run->accounted) return;
  draft.edit(id, weight).time_used += now - run->accounted;
  draft.runs.edit(id)->accounted = now;
}

void keep_time(Draft& draft) {
  for (const auto& [id, run] : draft.view().runs.all()) account_time(draft, id, Weight::hard);
  draft.keep_time();
}

void watch(Draft& draft, const core::Owner& owner) {
  if (core::is_watched(owner)) draft.effect(effect::WatchAccount{core::account_of(owner)});
}

void give_turn_back(Draft& draft, const base::JobId& id) {
  account_time(draft, id);
  BH_ASSERT(step(draft, id, core::JobEvent::turn_taken));
}

core::ErrorInfo request_lost() {
  return {base::Code::WINHTTP_CONNECTION_ERROR, base::ErrorContext::general_transport, base::no_file,
          "the transfer was interrupted while the request was under way; what it asks for may have been "
          "done, so it is not asked for again before the job is started again"};
}

void lose_turn(Draft& draft, const base::JobId& id) {
  if (!core::asks_once(*draft.job(id))) return give_turn_back(draft, id);
  account_time(draft, id);
  BH_ASSERT(step(draft, id, core::JobEvent::failed_fatal, request_lost()));
}

void interrupt(Draft& draft, const base::JobId& id) {
  const Run* run = draft.runs.find(id);
  if (run != nullptr && run->active && moves(draft, id)) give_turn_back(draft, id);
}

void complete_by_itself(Draft& draft, const base::JobId& id) {
  const core::Job* job = draft.job(id);
  if (core::completes_itself(*job)) BH_ASSERT(step(draft, id, core::JobEvent::complete));
}

void log_failure(Draft& draft, const base::JobId& id, const core::ErrorInfo& error) {
  draft.log(base::LogLevel::notice,
            "file " + std::to_string(error.file) + ": " + base::symbol(error.code) + " " + error.text,
            id);
}

void climb_again(core::Job& job) {
  for (auto* pending : {&job.pending, &job.file_event}) {
    if (!*pending) continue;
    core::Pending& due = pending->edit();
    due.due.reset();
    due.failed_starts = 0;
    due.rung = core::Rung::object;
  }
}

void lose_object(core::Job& job) {
  job.object.reset();
  for (auto* pending : {&job.pending, &job.file_event})
    if ((*pending)->due) pending->edit().due.reset();
}

void drop_certificate_check(Draft& draft, const base::JobId& id) {
  const core::Job& job = *draft.job(id);
  draft.note(note::QuestionEnds{id});
  if (job.certificate_check && job.certificate_check->can_ask())
    draft.effect(effect::ReleaseCertificateCheck{job.certificate_check->object});
}

void drop_secrets(Draft& draft, const base::JobId& id) {
  if (!draft.job(id)->rare->secrets) return;
  draft.edit(id, Weight::hard).rare.set(&core::RareOfJob::secrets, {});
  draft.shelves.erase(id);
}

// Files are told in their order, but no file comes in between the attempts for another (N56): one that
// was fetched again waits for what is due already.
void owe_file_event(Draft& draft, const base::JobId& id, std::uint32_t file) {
  const std::uint64_t sequence = draft.numbers.next_sequence++;
  draft.edit_file(id, file, Weight::hard, [&](core::File& row) { row.event = sequence; });
  core::Job& job = draft.edit(id, Weight::hard);
  draft.record({.sequence = sequence,
                .job = id,
                .kind = core::NotifyKind::file_transferred,
                .file = file,
                .owner_uid = job.owner_uid,
                .time = draft.now().wall,
                .application = job.application,
                .account = job.rare->account});
  if (job.event_file != base::no_file) return;
  job.event_file = file;
  job.file_event =
      core::Pending{.kind = core::NotifyKind::file_transferred, .sequence = sequence};
}

void file_event_heard(Draft& draft, const base::JobId& id) {
  core::Job& job = draft.edit(id, Weight::hard);
  const std::uint32_t heard = job.event_file;
  job.event_file = base::no_file;
  job.file_event = {};
  if (draft.file(id, heard)->event != 0)
    draft.edit_file(id, heard, Weight::hard, [](core::File& row) { row.event = 0; });
  const auto next = draft.first_file_event(id);
  if (!next) return;
  job.event_file = *next;
  job.file_event = core::Pending{.kind = core::NotifyKind::file_transferred,
                                 .sequence = draft.file(id, *next)->event};
}

}  // namespace backhaul::engine
