// SPDX-License-Identifier: Apache-2.0
// Lanes: how files of a job with the turn get their bytes. Events of a transfer that is over find no
// lane and are dropped.
#include <algorithm>
#include <utility>

#include "core/conversation.h"
#include "core/damage.h"
#include "core/http.h"
#include "engine/engine.h"
#include "engine/part_of.h"

namespace backhaul::engine {

using base::Code;

namespace {

std::optional<std::uint32_t> beside(const core::File& file) {
  if (!file.fresh) return std::nullopt;
  return file.fresh->epoch;
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
  file.device = file.inode = file.mount = file.tail = 0;
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
  if (row->offset != event.offset || row->device != event.device || row->inode != event.inode ||
      row->mount != event.mount) {
    // A lost part is recorded before bytes go into the new one: its inode may bear the number of the
    // old one, and then the old offset would speak of bytes that are not there.
    const Weight weight = event.part_lost ? Weight::hard : Weight::soft;
    draft.edit_file(run->job, lane.file, weight, [&](core::File& file) {
      file.offset = event.offset;
      file.device = event.device;
      file.inode = event.inode;
      file.mount = event.mount;
      file.tail = event.tail;
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
  if (event.identity.size != base::size_unknown)
    draft.after_commit([this, transfer = event.transfer, size = event.identity.size] {
      if (ports::Sink* sink = ports_.files.sink(transfer)) sink->expect(size);
    });
  if (event.restarted) drop_earlier_parts(draft, run->job, lane.file);
  if (insisting_.contains(run->job)) lift_wish(draft, core::url_origin(row->remote));
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
    file.mount = event.mount;
    file.tail = event.tail;
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
                     .mount = file.mount,
                     .tail = file.tail,
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

}  // namespace backhaul::engine
