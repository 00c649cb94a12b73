// SPDX-License-Identifier: Apache-2.0
// Lanes: how files of a job with the turn get their bytes, and how Complete and Cancel are carried
// out. Events of a transfer that is over find no lane and are dropped.
#include <algorithm>
#include <utility>

#include "core/conversation.h"
#include "core/damage.h"
#include "core/http.h"
#include "engine/engine.h"

namespace backhaul::engine {

using base::Code;

namespace {

ports::PartRef part_of(const core::File& file, std::uint32_t epoch) {
  return {file.index, epoch, file.local, file.root ? *file.root : std::string()};
}
ports::PartRef part_of(const core::File& file) { return part_of(file, file.epoch); }

std::optional<std::uint32_t> beside(const core::File& file) {
  if (!file.fresh) return std::nullopt;
  return file.fresh->epoch;
}

// Every part of a file that can be on the disk: those before its newest one that could not be swept,
// that one, and the next, which a crash or a stop may have left before its row was written.
void name_parts(std::vector<ports::PartRef>& parts, const core::File& file, bool keep_present) {
  if (core::is_lost(file)) return;
  for (std::uint32_t epoch = 0; epoch < file.last_epoch() + 2; ++epoch)
    if (epoch != file.epoch || !keep_present) parts.push_back(part_of(file, epoch));
}

std::optional<core::AcceptedServers> accepted_by(const core::Job& job) {
  if (!job.validator) return std::nullopt;
  return job.validator->accepted;
}

// The row of a file whose new part begins: in the place of the one before, or beside it.
void begin_part(core::File& file, const ports::HeadReceived& event) {
  // A restart that did not get further than ever before was fruitless (three of them end it).
  const std::uint64_t reached = std::max(file.offset, file.fresh ? file.fresh->offset : 0);
  if (reached > file.high_water) {
    file.high_water = reached;
    file.fruitless_restarts = 0;
  } else {
    ++file.fruitless_restarts;
  }
  if (event.beside) {
    file.ranges_refused = true;
    file.fresh = core::FreshPart{.epoch = event.epoch};
    return;
  }
  file.fresh.reset();
  file.epoch = event.epoch;
  file.offset = 0;
  file.device = file.inode = 0;
}

std::string authority(const std::string& url) {
  const auto start = url.find("://");
  if (start == std::string::npos) return url;
  return url.substr(0, url.find('/', start + 3));
}

}  // namespace

// --- what the transport and the files tell -------------------------------------------------------

void Engine::handle(Draft& draft, ports::PartOpened& event) {
  Run* run = runs_.run_of(event.transfer);
  if (run == nullptr) return;
  Lane& lane = *Runs::lane_of(*run, event.transfer);
  lane.part_open = true;
  if (event.part_lost)
    ports_.log.write(base::LogLevel::warning,
                     "the part of file " + std::to_string(lane.file) +
                         " is not as it was recorded: begun again from byte 0",
                     run->job);
  const core::File* row = draft.file(run->job, lane.file);
  if (event.epoch != row->epoch) return;  // its owner began anew meanwhile: it is being closed
  if (row->offset != event.offset || row->device != event.device || row->inode != event.inode) {
    // A lost part is recorded before bytes go into the new one: its inode may bear the number of the
    // old one, and then the old offset would speak of bytes that are not there.
    const Weight weight = event.part_lost ? Weight::hard : Weight::soft;
    draft.edit_file(run->job, lane.file, weight, [&](core::File& file) {
      file.offset = event.offset;
      file.device = event.device;
      file.inode = event.inode;
    });
  }
  if (lane.phase == LanePhase::closing) return;
  draft.after_commit([this, transfer = event.transfer] { start_lane(transfer); });
}

void Engine::handle(Draft& draft, ports::HeadReceived& event) {
  Run* run = runs_.run_of(event.transfer);
  if (run == nullptr) return;
  const Lane& lane = *Runs::lane_of(*run, event.transfer);
  // A new part is there, whether the job was stopped meanwhile or not.
  if (lane.phase == LanePhase::closing && !event.restarted) return;
  const core::File* row = draft.file(run->job, lane.file);
  if (event.restarted ? event.epoch <= row->last_epoch() : event.epoch != row->epoch) return;
  // A new part is recorded at once, so that no part on the disk is ever more than one epoch ahead
  // of the row and all of them can be named when the job ends.
  const Weight weight = event.restarted ? Weight::hard : Weight::soft;
  draft.edit_file(run->job, lane.file, weight, [&](core::File& file) {
    file.doubts.reset();
    file.remote_identity = event.identity;
    if (event.restarted) begin_part(file, event);
  });
  if (event.restarted) drop_earlier_parts(draft, run->job, lane.file);
  if (run->active && moves(draft, run->job))
    BH_ASSERT(step(draft, run->job, core::JobEvent::connected));
}

// Nobody comes back to parts that the row does not name any more.
void Engine::drop_earlier_parts(Draft& draft, const base::JobId& id, std::uint32_t file) {
  const core::File& row = *draft.file(id, file);
  draft.after_commit([this, id, part = part_of(row), beside = beside(row)] {
    ports_.files.sweep(id, part, false, beside);
  });
}

void Engine::handle(Draft& draft, ports::PartStored& event) {
  Run* run = runs_.run_of(event.transfer);
  if (run == nullptr) return;
  Lane& lane = *Runs::lane_of(*run, event.transfer);
  const core::File* row = draft.file(run->job, lane.file);
  const bool fresh = row->fresh && event.epoch == row->fresh->epoch;
  // A late checkpoint of the part before a restart must not meet the identity of the new one.
  if (row->state != core::FileState::waiting || (event.epoch != row->epoch && !fresh)) return;
  const bool progress = event.offset > (fresh ? row->fresh->offset : row->offset);
  if (progress) run->meter.add(now_.boot, event.offset - (fresh ? row->fresh->offset : row->offset));
  const bool replaces = event.final && row->fresh;  // one of the two parts is whole: the other goes
  draft.edit_file(run->job, lane.file, Weight::hard, [&](core::File& file) {
    if (fresh && !event.final) {
      *file.fresh = {event.epoch, event.offset, event.device, event.inode};
      return;
    }
    file.epoch = event.epoch;
    file.offset = event.offset;
    file.device = event.device;
    file.inode = event.inode;
    if (!event.final) return;
    file.remote_identity.size = event.offset;
    file.fresh.reset();
  });
  // Any byte of progress ends the count towards NoProgressTimeout (jobs.md §9).
  if (progress && draft.job(run->job)->stuck) draft.edit(run->job, Weight::hard).stuck.reset();
  core::touch(draft.edit(run->job, Weight::hard), now_);
  if (!is_short(now_)) shortage_.reset();
  account_time(draft, run->job);
  if (replaces) drop_earlier_parts(draft, run->job, lane.file);
  if (!event.final || lane.phase == LanePhase::closing) return;
  lane.phase = LanePhase::stored;
  settle(draft, *run);
}

void Engine::handle(Draft& draft, ports::TransferEnded& event) {
  Run* run = runs_.run_of(event.transfer);
  if (run == nullptr) return;
  Lane& lane = *Runs::lane_of(*run, event.transfer);
  if (lane.phase == LanePhase::closing || lane.phase == LanePhase::stored) return;
  if (event.unknown_server) {
    meet_unknown_server(draft, *run, lane, *event.unknown_server);
  } else if (event.error) {
    lane.phase = LanePhase::failed;
    lane.error = std::move(event.error);
    lane.retry_after = event.retry_after;
    lane.origin = std::move(event.origin);
    if (event.doubt != core::Doubt::none) note_doubt(draft, run->job, lane.file, event.doubt);
    settle(draft, *run);
  } else if (lane.phase == LanePhase::receiving) {
    lane.phase = LanePhase::syncing;
    draft.after_commit([this, id = run->job] { advance(id); });
  }
}

void Engine::handle(Draft& draft, ports::PartFailed& event) {
  Run* run = runs_.run_of(event.transfer);
  if (run == nullptr) return;
  Lane& lane = *Runs::lane_of(*run, event.transfer);
  if (lane.phase == LanePhase::closing) return;
  lane.phase = LanePhase::failed;
  lane.error = std::move(event.error);
  draft.after_commit([this, transfer = event.transfer] { ports_.transport.stop(transfer); });
  settle(draft, *run);
}

void Engine::handle(Draft& draft, ports::PartClosed& event) {
  Run* run = runs_.run_of(event.transfer);
  if (run == nullptr) return;
  const base::JobId id = run->job;
  runs_.remove_lane(*run, event.transfer);
  draft.after_commit([this, id] { advance(id); });
}

// The job holds the turn as this draft sees it: nobody suspended, completed or cancelled it.
bool Engine::moves(const Draft& draft, const base::JobId& id) {
  const core::Job* job = draft.job(id);
  return base::is_running(job->state) && job->intent == core::Intent::none;
}

// --- in the order of the files -------------------------------------------------------------------

// Takes what is finished from the front: stored files become transferred, the first failure stops
// the job. Whatever happened to later files waits until its turn comes.
void Engine::settle(Draft& draft, Run& run) {
  const base::JobId id = run.job;
  if (!run.active || !moves(draft, id)) return;
  for (Lane& lane : run.lanes) {
    if (lane.phase == LanePhase::closing) continue;
    if (lane.phase == LanePhase::failed) {
      fail(draft, run, lane);
      return;
    }
    if (lane.phase != LanePhase::stored) break;
    draft.edit_file(id, lane.file, Weight::hard, [](core::File& file) {
      file.state = core::FileState::transferred;
      file.fruitless_restarts = 0;
      file.high_water = 0;
      file.doubts.reset();
    });
    if (draft.file(id, lane.file)->remote_identity.end_untold)
      ports_.log.write(base::LogLevel::notice,
                       "file " + std::to_string(lane.file) +
                           ": nobody told its size; it ends where the connection ended",
                       id);
    owe_file_event(draft, id, lane.file);
    run.recent_size = draft.file(id, lane.file)->offset;
    lane.phase = LanePhase::closing;
    draft.after_commit([this, transfer = lane.transfer] { close_lane(transfer); });
  }
  if (draft.job(id)->files.transferred == draft.job(id)->files.total) {
    finish_run(draft, run);
    return;
  }
  draft.after_commit([this, id] { advance(id); });
}

void Engine::finish_run(Draft& draft, Run& run) {
  account_time(draft, run.job);
  run.active = false;
  draft.after_commit([this, id = run.job] { insisting_.erase(id); });
  BH_ASSERT(step(draft, run.job, core::JobEvent::all_done));
  complete_by_itself(draft, run.job);
}

void Engine::complete_by_itself(Draft& draft, const base::JobId& id) {
  const core::Job* job = draft.job(id);
  if (!job->auto_complete || job->state != base::JobState::transferred ||
      job->intent != core::Intent::none)
    return;
  BH_ASSERT(step(draft, id, core::JobEvent::complete));
}

void Engine::fail(Draft& draft, Run& run, const Lane& lane) {
  const base::Error& error = *lane.error;
  if (core::classify(error.code) == core::ErrorClass::shortage) return run_short(draft, run, error);
  core::ErrorInfo info{error.code, error.context, lane.file, error.text};
  core::JobEvent event = core::JobEvent::failed_transient;
  switch (core::classify(error.code)) {
    case core::ErrorClass::fatal: event = core::JobEvent::failed_fatal; break;
    case core::ErrorClass::transient: event = core::JobEvent::failed_transient; break;
    case core::ErrorClass::shortage:  // see above
    case core::ErrorClass::waits_for_event: event = core::JobEvent::failed_blocked; break;
  }
  if (error.context == base::ErrorContext::general_transport && blocked_by_network(run.job)) {
    // The connection broke because there is no network: no error of the job.
    account_time(draft, run.job);
    run.active = false;
    lose_network(draft, run.job);
    return;
  }
  fail(draft, run, event, std::move(info));
  heed_wish(draft, run.job, lane);
}

void Engine::fail(Draft& draft, Run& run, core::JobEvent event, core::ErrorInfo error) {
  account_time(draft, run.job);
  run.active = false;
  log_failure(run.job, error);
  BH_ASSERT(step(draft, run.job, event, std::move(error)));
}

void Engine::log_failure(const base::JobId& id, const core::ErrorInfo& error) {
  ports_.log.write(base::LogLevel::notice,
                   "file " + std::to_string(error.file) + ": " + base::symbol(error.code) + " " +
                       error.text,
                   id);
}

// --- runs ----------------------------------------------------------------------------------------

// After a commit: opens what may be opened, ends what is over. Everything here can be called again.
void Engine::advance(const base::JobId& id) {
  Run* run = runs_.find(id);
  const Entry* entry = table_.find(id);
  if (run == nullptr) {
    if (entry != nullptr && entry->job.intent != core::Intent::none) carry_out_intent(id);
    return;
  }
  if (run->active && base::is_running(entry->job.state)) open_lanes(*run, *entry);
  if (run->lanes.empty() && !run->active) {
    runs_.erase(id);
    if (entry != nullptr && entry->job.intent != core::Intent::none) carry_out_intent(id);
    wake_();  // somebody may start now
  }
}

void Engine::open_lanes(Run& run, const Entry& entry) {
  const core::FetchAhead ahead = core::fetch_ahead(run.recent_size);
  std::uint32_t in_flight = 0;
  std::uint32_t unsynced = 0;
  for (const Lane& lane : run.lanes) {
    if (lane.phase == LanePhase::failed) return;
    if (lane.phase == LanePhase::closing || lane.phase == LanePhase::stored) continue;
    ++unsynced;
    if (lane.phase != LanePhase::syncing) ++in_flight;
  }
  const bool moves = !run.lanes.empty();
  while (run.next_file < entry.files.size() && in_flight < ahead.in_flight &&
         unsynced < ahead.unsynced) {
    const core::File& file = entry.files[run.next_file];
    if (file.state == core::FileState::waiting) {
      if (held_until(run.job, file)) {
        if (!run.lanes.empty()) return;  // it is looked at again when they are closed
        held_up_.push_back(run.job);
        return wake_();
      }
      open_lane(run, entry, file.index);
      ++in_flight;
      ++unsynced;
    }
    ++run.next_file;
  }
  if (moves || !run.lanes.empty() || run.next_file < entry.files.size()) return;
  // Nothing was left to fetch when the turn came (all files were here before): done at once.
  run_finished_.push_back(run.job);
  wake_();
}

void Engine::open_lane(Run& run, const Entry& entry, std::uint32_t index) {
  const core::File& file = entry.files[index];
  Lane& lane = runs_.add_lane(run, index);
  if (core::is_lost(file)) {
    lane.without_part = true;
    return post(ports::PartFailed{
        .transfer = lane.transfer,
        .error = base::Error(Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
                             "the queue was damaged and what it knew of this file is lost")});
  }
  if ((file.inode != 0 || file.epoch != 0) && swept_.insert({run.job, index}).second)
    ports_.files.sweep(run.job, part_of(file), false, beside(file));
  ports_.files.open({.transfer = lane.transfer,
                     .job = run.job,
                     .index = index,
                     .epoch = file.epoch,
                     .local = file.local,
                     .offset = file.offset,
                     .device = file.device,
                     .inode = file.inode,
                     .size = file.remote_identity.size,
                     .root = file.root ? *file.root : std::string()});
}

void Engine::start_lane(base::TransferId transfer) {
  Run* run = runs_.run_of(transfer);
  if (run == nullptr || !run->active) return;
  Lane* lane = Runs::lane_of(*run, transfer);
  ports::Sink* sink = ports_.files.sink(transfer);
  if (lane->phase != LanePhase::opening || sink == nullptr) return;
  const Entry& entry = *table_.find(run->job);
  const core::File& file = entry.files[lane->file];
  if (file.offset > 0 && file.offset == file.remote_identity.size) {
    // A crash came between the last byte and its record: only the sync is missing.
    lane->phase = LanePhase::syncing;
    sink->end_of_data();
    return;
  }
  lane->phase = LanePhase::receiving;
  if (!run->meter.begun()) run->meter.begin(now_.boot);
  run->host = authority(file.remote);
  ports_.transport.start({.transfer = transfer,
                          .url = file.remote,
                          .record = record_of(file),
                          .epoch = file.epoch,
                          .next_epoch = file.last_epoch() + 1,
                          .priority = entry.job.priority,
                          .accepted = accepted_by(entry.job)},
                         *sink);
}

// Once per lane. Its phase alone does not tell whether the files know: the turn that set it may have
// been dropped with its commit.
void Engine::close_lane(base::TransferId transfer) {
  Run* run = runs_.run_of(transfer);
  if (run == nullptr) return;
  Lane& lane = *Runs::lane_of(*run, transfer);
  lane.phase = LanePhase::closing;
  if (std::exchange(lane.close_told, true)) return;
  if (lane.without_part) return post(ports::PartClosed{.transfer = transfer});
  ports_.transport.stop(transfer);
  ports_.files.close(transfer);
}

void Engine::stop_run(const base::JobId& id) {
  Run* run = runs_.find(id);
  if (run == nullptr) return;
  run->active = false;
  std::vector<base::TransferId> open;
  for (const Lane& lane : run->lanes) open.push_back(lane.transfer);
  for (const base::TransferId transfer : open) close_lane(transfer);
  if (run->lanes.empty()) advance(id);
}

// --- Complete and Cancel -------------------------------------------------------------------------

void Engine::carry_out_intent(const base::JobId& id) {
  if (runs_.find(id) != nullptr) return;  // its parts are still being closed; advance() comes back
  OpenIntent& intent = intents_[id];
  if (std::exchange(intent.begun, true)) return;
  const Entry& entry = *table_.find(id);
  if (entry.job.intent == core::Intent::cancel) {
    ports::DiscardRequest request{.job = id, .parts = {}};
    for (const core::File& file : entry.files)
      name_parts(request.parts, file, file.state == core::FileState::completed);
    ports_.files.discard(std::move(request));
    return;
  }
  ports::PublishRequest request{.job = id, .files = {}, .drop = {}};
  for (const core::File& file : entry.files) {
    // Also of those that an earlier attempt put in place: it dropped nothing, because others failed.
    name_parts(request.drop, file, file.state != core::FileState::waiting);
    if (file.state != core::FileState::transferred) continue;
    request.files.push_back({.part = part_of(file),
                               .device = file.device,
                               .inode = file.inode,
                               .modified = core::parse_http_date(file.remote_identity.last_modified)});
  }
  ports_.files.publish(std::move(request));
}

void Engine::handle(Draft& draft, ports::Published& event) {
  const core::Job* job = draft.job(event.job);
  if (job == nullptr || job->intent != core::Intent::complete) return;
  draft.keep_if_dropped(event);
  std::optional<base::Error> failure;
  for (const ports::PublishedFile& file : event.files) {
    if (file.error) {
      if (!failure) failure = file.error;
      continue;
    }
    draft.edit_file(event.job, file.index, Weight::hard, [](core::File& row) {
      row.state = core::FileState::completed;
      row.validated = true;  // Complete validates (jobs.md §13.6)
    });
  }
  if (failure && core::classify(failure->code) == core::ErrorClass::shortage)
    return close_later(draft, event.job, *failure);
  if (failure) {
    ports_.log.write(base::LogLevel::warning, "Complete: " + failure->text, event.job);
    // Left to somebody who can repair it: the service does not try by itself again and again.
    draft.edit(event.job, Weight::hard).auto_complete = false;
    end_intent(draft, event.job, core::JobEvent::publish_failed, *failure);
    return;
  }
  bool partial = false;
  for (std::uint32_t i = 0; i < draft.file_count(event.job); ++i) {
    if (draft.file(event.job, i)->state != core::FileState::waiting) continue;
    partial = true;
    draft.edit_file(event.job, i, Weight::hard, [](core::File& row) {
      row.state = core::FileState::discarded;
      row.offset = 0;
    });
  }
  Code status = partial ? Code::BG_S_PARTIAL_COMPLETE : Code::S_OK;
  if (event.leftovers) status = Code::BG_S_UNABLE_TO_DELETE_FILES;
  end_intent(draft, event.job, core::JobEvent::published, ports::ReplyValue{status});
}

void Engine::handle(Draft& draft, ports::Discarded& event) {
  const core::Job* job = draft.job(event.job);
  if (job == nullptr || job->intent != core::Intent::cancel) return;
  draft.keep_if_dropped(event);
  const Code status = event.leftovers ? Code::BG_S_UNABLE_TO_DELETE_FILES : Code::S_OK;
  end_intent(draft, event.job, core::JobEvent::discarded, ports::ReplyValue{status});
}

void Engine::end_intent(Draft& draft, const base::JobId& id, core::JobEvent event,
                        base::Result<ports::ReplyValue> value) {
  BH_ASSERT(step(draft, id, event));
  // The network may have come back while nothing but the intent was looked at.
  if (const core::Job* job = draft.job(id); job->state == base::JobState::transient_error &&
                                            job->error &&
                                            job->error->code == Code::BG_E_NETWORK_DISCONNECTED &&
                                            network_up_)
    BH_ASSERT(step(draft, id, core::JobEvent::unblocked));
  base::PeerId peer{};
  if (auto it = intents_.find(id); it != intents_.end()) {
    peer = it->second.peer;
  }
  // Its callers are answered by the action, not by the draft: if this commit fails the intent
  // stands, and so does their waiting.
  draft.after_commit([this, id, value = std::move(value)] {
    auto it = intents_.find(id);
    if (it == intents_.end()) return;
    for (base::CallId call : it->second.calls) ports_.clients.reply(call, value);
    auto deferred = std::move(it->second.deferred);
    intents_.erase(it);
    for (auto command = deferred.rbegin(); command != deferred.rend(); ++command)
      inbox_.emplace_front(std::move(*command));
    wake_();
  });
  finish_if_final(draft, id, peer);
}

// A final job leaves the queue, unless its events still have to be told (AutoComplete completes
// first, then tells) or somebody hears of the change itself.
void Engine::finish_if_final(Draft& draft, const base::JobId& id, base::PeerId peer) {
  const core::Job* job = draft.job(id);
  if (!base::is_final(job->state)) return;
  if (somebody_hears(*job, job->pending.kind) || owes_modification(*job) ||
      (core::owes_file_events(*job) && somebody_hears(*job, job->file_event.kind)))
    return;
  if (job->object) {
    draft.after_commit([this, object = *job->object] { ports_.notifier.release(object); });
    draft.edit(id, Weight::hard).object.reset();  // nor does what is left of the job show it
  }
  drop_validator(draft, id);
  draft.after_commit([this, id] {
    ports_.notifier.release_instance(id);
    modifications_.erase(id);
    swept_.erase(swept_.lower_bound({id, 0}), swept_.upper_bound({id, UINT32_MAX}));
  });
  draft.bury(id, peer);
}

}  // namespace backhaul::engine
