// SPDX-License-Identifier: Apache-2.0
// What the transfers and the files tell, and what becomes of it in the order of the files.
#include "engine/fetching.h"

#include <algorithm>
#include <utility>

#include "core/http.h"
#include "core/job_table.h"
#include "core/mirrors.h"
#include "core/neighbours.h"
#include "engine/blaming.h"
#include "engine/file_steps.h"
#include "engine/job_steps.h"
#include "engine/outcome.h"
#include "engine/random_access.h"
#include "engine/senders.h"
#include "engine/trust.h"
#include "engine/urgency.h"
#include "engine/verifying.h"

namespace backhaul::engine {

using base::Code;

// A lane that is still there, to be changed by this turn.
struct Fetching::Open {
  base::JobId job;
  Run& run;
  Lane& lane;
};

std::optional<Fetching::Open> Fetching::open(Draft& draft, base::TransferId transfer) const {
  const auto job = runs_.job_of(transfer);
  Run* run = job ? draft.runs.edit(*job) : nullptr;
  Lane* lane = run == nullptr ? nullptr : run->lane_of(transfer);
  if (lane == nullptr) return std::nullopt;
  return Open{*job, *run, *lane};
}

namespace {

// A server that could not have continued would have sent it again. Of what programs read at random there
// is no such thing.
void count_resumed(Draft& draft, const base::JobId& job, Lane& lane, const ports::HeadReceived& event) {
  if (lane.asked_only || std::exchange(lane.counted, true) || event.restarted) return;
  if (const std::uint64_t held = draft.file(job, lane.file)->stored.total())
    draft.edit(job, Weight::soft).rare.edit().bytes_resumed += held;
}

// What Files tells of a part on the disk.
void record_part(core::File& file, const auto& event) {
  file.stored = event.stored;
  file.device = event.device;
  file.inode = event.inode;
  file.mount = event.mount;
  file.tail = event.tail;
  file.last_write = event.last_write;
}

}  // namespace

// --- what the transport and the files tell -------------------------------------------------------

void Fetching::on(Draft& draft, ports::PartOpened& event) const {
  const auto at = open(draft, event.transfer);
  if (!at) return;
  at->lane.part_open = true;
  at->lane.sign_of_life = draft.now().boot;
  const std::uint32_t index = at->lane.file;
  if (event.part_lost)
    draft.log(base::LogLevel::warning,
              "the part of file " + std::to_string(index) +
                  " is not as it was recorded: begun again from byte 0",
              at->job);
  const core::File* row = draft.file(at->job, index);
  if (event.epoch != row->epoch) return;  // its owner began anew meanwhile: it is being closed
  if (row->stored == event.stored && row->device == event.device && row->inode == event.inode &&
      row->mount == event.mount && row->last_write == event.last_write)
    return;
  // A lost part is recorded before bytes go into the new one: its inode may bear the number of the
  // old one, and then the old record would speak of bytes that are not there. So is that a part is written to
  // again: after a crash its last write is no longer the one on record.
  const Weight weight = event.part_lost || row->last_write != 0 ? Weight::hard : Weight::soft;
  draft.edit_file(at->job, index, weight, [&](core::File& file) {
    record_part(file, event);
    if (event.part_lost) give_up_fresh(file);
  });
  if (event.part_lost) drop_other_parts(draft, at->job, index);
}

void Fetching::on(Draft& draft, ports::HeadReceived& event) const {
  const auto at = open(draft, event.transfer);
  if (!at) return;
  // A new part is there, whether the job was stopped meanwhile or not.
  if (at->lane.phase == LanePhase::closing && !event.restarted) return;
  const std::uint32_t index = at->lane.file;
  if (at->lane.asks_identity) {
    at->lane.sign_of_life = draft.now().boot;
    take_identity(draft, at->job, at->run, at->lane, event);
    note_answer(draft, at->job, index, event);
    if (!event.restarted) return void(is_over_size(draft, at->job, at->run, at->lane));
  }
  // Which version a file is, and where it is, no neighbour says.
  const bool from_origin = at->lane.neighbour.empty();
  const core::File* row = draft.file(at->job, index);
  if (event.restarted ? event.epoch <= row->last_epoch() : event.epoch != row->epoch) return;
  // A new part is recorded at once, so that no part on the disk is ever more than one epoch ahead
  // of the row and all of them can be named when the job ends.
  const Weight weight = event.restarted ? Weight::hard : Weight::soft;
  draft.edit_file(at->job, index, weight, [&](core::File& file) {
    if (!event.beside) settle_doubts(file, event.restarted || event.unchecked || file.stored.empty());  // else its end decides
    if (from_origin) file.remote_identity = event.identity;
    if (from_origin && !event.beside && at->lane.phase != LanePhase::closing) told_here(file);
    if (event.restarted) begin_part(file, event, at->lane.answered);
  });
  at->lane.answered = true;
  at->lane.sign_of_life = draft.now().boot;
  const std::string asked(core::address(*draft.file(at->job, index)));
  if (from_origin) note_answer(draft, at->job, index, event);
  // On demand nobody knows how much of it will be asked for.
  if (const std::uint64_t size = draft.file(at->job, index)->size();
      size != base::size_unknown && !draft.job(at->job)->rare->on_demand_mode)
    draft.effect(effect::ExpectSize{at->lane.transfer, size});
  if (event.restarted) drop_other_parts(draft, at->job, index);
  if (at->lane.phase != LanePhase::closing && is_over_size(draft, at->job, at->run, at->lane)) return;
  count_resumed(draft, at->job, at->lane, event);
  if (draft.holds().insists(at->job)) lift_wish(draft, at->job, core::url_origin(asked), at->lane.for_all);
  if (at->run.active && moves(draft, at->job))
    BH_ASSERT(step(draft, at->job, core::JobEvent::connected));
}

void Fetching::on(Draft& draft, ports::PartStored& event) const {
  const auto at = open(draft, event.transfer);
  if (!at) return;
  const std::uint32_t index = at->lane.file;
  const core::File* row = draft.file(at->job, index);
  const bool fresh = row->rare->fresh && event.epoch == row->rare->fresh->epoch;
  // A late checkpoint of the part before a restart must not meet the identity of the new one.
  if (row->state != core::FileState::waiting || (event.epoch != row->epoch && !fresh)) return;
  const std::uint64_t before = fresh ? row->rare->fresh->offset : row->stored.total();
  const std::uint64_t stored = event.stored.total();
  const bool progress = stored > before;
  const bool replaces = event.final && row->rare->fresh;  // one of the two parts is whole: the other goes
  draft.edit_file(at->job, index, Weight::hard, [&](core::File& file) {
    if (!fresh || event.final)
      note_senders(file, at->lane, fresh ? event.stored : event.stored.without(file.stored));
    if (fresh && !event.final) {
      *file.rare.edit().fresh = {event.epoch, stored, event.device, event.inode};
      return;
    }
    file.epoch = event.epoch;
    record_part(file, event);
    drop_denied(file, at->lane);
    if (file.rare->demand)
      file.rare.set(&core::RareOfFile::demand,
                    core::without(*file.rare->demand, file.stored, file.remote_identity.size));
    if (!event.final) return;
    file.rare.set(&core::RareOfFile::received, base::Text(event.received));
    file.rare.set(&core::RareOfFile::doubts, {});
    if (file.wanted.whole()) file.remote_identity.size = stored;
    if (fresh) {  // it came in one answer
      file.rare.set(&core::RareOfFile::fresh, {});
      file.remote_identity.version_untold = false;
    } else {
      give_up_fresh(file);
    }
  });
  core::Job& job = draft.edit(at->job, Weight::hard);
  // Any byte of progress ends the count towards NoProgressTimeout (jobs.md §9).
  if (progress) job.stuck.reset();
  if (progress) at->lane.sign_of_life = draft.now().boot;
  core::touch(job, draft.now());
  draft.conditions.had_room(draft.now().boot);
  account_time(draft, at->job);
  measure_need(draft, at->job, at->run, progress ? stored - before : 0);
  measure_origin(draft, at->job, at->lane, progress ? stored - before : 0, event.final);
  if (replaces) drop_other_parts(draft, at->job, index);
  if (at->lane.phase == LanePhase::closing || at->lane.phase == LanePhase::failed ||
      at->lane.phase == LanePhase::verifying)
    return;
  if (is_over_size(draft, at->job, at->run, at->lane) || !event.final) return;
  if (give_up_unproven(draft, at->job, index)) return leave_file(draft, at->run, at->lane);
  if (begin_verifying(draft, at->job, at->lane)) return;
  at->lane.phase = LanePhase::stored;
  take_in_order(draft, at->job, at->run);
}

void Fetching::on(Draft& draft, ports::PartDigested& event) const {
  const auto at = open(draft, event.transfer);
  if (!at || at->lane.phase != LanePhase::verifying) return;
  if (event.epoch != draft.file(at->job, at->lane.file)->epoch) return;  // its owner began anew meanwhile
  const core::File before = *draft.file(at->job, at->lane.file);
  if (auto error = verify(draft, at->job, at->lane, event)) {
    const Denial denial = core::is_denied_by_origin(before, event.digests) ? Denial::origin : Denial::owner;
    if (blame_neighbours(draft, at->job, before, error->text, denial)) return leave_file(draft, at->run, at->lane);
    if (is_repaired(draft, at->job, at->lane.file)) {
      log_failure(draft, at->job, *error);
      return leave_file(draft, at->run, at->lane);
    }
    at->lane.phase = LanePhase::failed;
    at->lane.error = std::move(error);
    at->lane.of_address = true;
  } else {
    convict_liars(draft, at->job, at->lane.file, event);
    at->lane.phase = LanePhase::stored;
  }
  take_in_order(draft, at->job, at->run);
}

void Fetching::on(Draft& draft, ports::TransferEnded& event) const {
  const auto at = open(draft, event.transfer);
  if (!at) return;
  Lane& lane = at->lane;
  if (sender_ended(draft, at->job, at->run, lane, event) || lane.phase == LanePhase::closing ||
      lane.phase == LanePhase::stored || lane.phase == LanePhase::verifying)
    return;
  if (event.unknown_server) {
    meet_unknown_server(draft, *at, *event.unknown_server);
  } else if (lane.asks_identity) {
    if (event.error) settle_for_origin(draft, at->job, at->run, lane.file);
    leave_file(draft, at->run, lane);
  } else if (event.error && give_up_demand(draft, at->job, lane.file, event.error->code)) {
    leave_file(draft, at->run, lane);
  } else if (event.error) {
    lane.phase = LanePhase::failed;
    lane.error = core::ErrorInfo{event.error->code, event.error->context, lane.file,
                                 std::move(event.error->text)};
    lane.error->of_this_machine = core::is_of_this_machine(*draft.file(at->job, lane.file));
    lane.of_address = true;
    lane.retry_after = event.retry_after;
    lane.origin = std::move(event.origin);
    note_answer(draft, at->job, lane.file, event.headers, event.remote);
    note_failure(draft, at->job, lane.file, event.doubt);
    take_in_order(draft, at->job, at->run);
  } else if (event.asked_only) {
    leave_file(draft, at->run, lane);
  } else if (lane.phase == LanePhase::receiving) {
    lane.phase = LanePhase::syncing;
    lane.sign_of_life = draft.now().boot;
  }
}

// The transport stopped in front of a server that the job has not accepted; the job gives its turn
// back while its program is asked, so that nobody else waits.
void Fetching::meet_unknown_server(Draft& draft, const Open& at,
                                   ports::UnknownServer& server) const {
  if (!at.run.active || !moves(draft, at.job)) return;
  const core::Job& job = *draft.job(at.job);
  BH_ASSERT(job.certificate_check);  // it cannot be cleared while the job moves
  if (!job.certificate_check->can_ask())
    return fail(draft, at.job, at.run, core::JobEvent::failed_fatal,
                nobody_to_ask(at.lane.file, server.certificate.server));
  Question question{.job = at.job,
                    .file = at.lane.file,
                    .certificate = std::move(server.certificate),
                    .object = job.certificate_check->object,
                    .chain = std::move(server.chain)};
  draft.note(note::QuestionArises{std::move(question)});
  at.run.active = false;
  give_turn_back(draft, at.job);
}

void Fetching::on(Draft& draft, ports::PartFailed& event) const {
  const auto at = open(draft, event.transfer);
  if (!at || at->lane.phase == LanePhase::closing) return;
  give_up(draft, at->job, at->run, at->lane,
          {event.error.code, event.error.context, at->lane.file, std::move(event.error.text)});
}

void Fetching::on(Draft& draft, ports::PartClosed& event) const {
  draft.keep_if_dropped(event);
  draft.effect(effect::ForgetPart{event.transfer});
  const auto at = open(draft, event.transfer);
  if (!at) return;
  const std::uint32_t file = at->lane.file;
  std::erase_if(at->run.lanes, [&](const Lane& lane) { return lane.transfer == event.transfer; });
  end_over_size(draft, at->job, at->run, file);
}

// --- what was found between two turns ------------------------------------------------------------

void Fetching::on(Draft& draft, const news::TurnLost& news) const {
  const Run* run = draft.runs.find(news.job);
  if ((run == nullptr || !run->active) && moves(draft, news.job))
    lose_turn(draft, news.job);
}

// Files of one job may be on several servers: in front of one that is held the job gives its turn
// back. What of it waited for that file is there again with the next one.
void Fetching::on(Draft& draft, const news::HeldUp& news) const {
  Run* run = draft.runs.edit(news.job);
  if (run == nullptr || !run->active || !moves(draft, news.job)) return;
  run->active = false;
  give_turn_back(draft, news.job);
}

void Fetching::on(Draft& draft, const news::NothingLeft& news) const {
  Run* run = draft.runs.edit(news.job);
  if (run == nullptr || !run->active || !moves(draft, news.job)) return;
  // More may have been asked for meanwhile.
  if (run->next_file >= draft.file_count(news.job) && !run->passed_over) finish(draft, news.job, *run);
}

// Their rows say where to go on.
void Fetching::on(Draft& draft, const news::Stopping&) const {
  for (const auto& [id, run] : runs_.all()) draft.runs.edit(id)->active = false;
}

void Fetching::merged(Change& change) {
  for (const base::JobId& id : change.draft.runs.touched()) change.retime.push_back(id);
  change.draft.runs.merge([&](const base::JobId& id, std::optional<Run> run) {
    change.again |= !run;
    runs_.replace(id, std::move(run));
  });
  if (auto holds = change.draft.take_holds()) {
    holds_ = *std::move(holds);
    change.other_holds = change.again = true;  // a server that serves again, or another job that may have the turn instead
  }
  change.take_notes([this](const note::Swept& note) { swept_.emplace(note.job, note.file); });
  for (const RowChange& row : change.rows) {
    if (row.after != nullptr) continue;
    holds_.relent(row.id);
    swept_.erase(swept_.lower_bound({row.id, 0}), swept_.upper_bound({row.id, UINT32_MAX}));
  }
  holds_.forget_past(change.context().now().boot);
}

void Fetching::recovered(const Entry& entry) {
  const core::Job& job = entry.job;
  if (!job.server_wish) return;
  Told told{.job = job.id};
  if (job.error) {
    told.code = job.error->code;
    if (job.error->file < entry.files.size())
      told.address = shown_address_at(entry.files[job.error->file], job.server_wish->origin);
  }
  std::optional<std::uint32_t> owner;
  if (!job.server_wish->for_all) owner = job.owner_uid;
  holds_.hold(job.server_wish->origin, job.server_wish->until.boot, std::move(told), owner);
}

base::BootTime Fetching::due(const core::Job& job) const {
  const Run* run = runs_.find(job.id);
  if (run == nullptr || !base::is_running(job.state) || job.intent != core::Intent::none)
    return base::never;
  return run->accounted + job.maximum_download_time - job.time_used;
}

}  // namespace backhaul::engine
