// SPDX-License-Identifier: Apache-2.0
// The end of a turn for fetching: which transfers stop, which parts are opened, what is started.
#include <algorithm>
#include <utility>
#include <vector>

#include "core/damage.h"
#include "core/mirrors.h"
#include "core/needed.h"
#include "core/part.h"
#include "core/random_access.h"
#include "core/request_options.h"
#include "core/schedule.h"
#include "core/shares.h"
#include "engine/asking.h"
#include "engine/fetching.h"
#include "engine/file_steps.h"
#include "engine/job_steps.h"
#include "engine/part_of.h"
#include "engine/random_access.h"
#include "engine/readdressing.h"
#include "engine/senders.h"
#include "engine/server_use.h"
#include "engine/site_asking.h"

namespace backhaul::engine {

using base::Code;

namespace {

std::optional<core::AcceptedServers> accepted_by(const core::Job& job) {
  if (!job.certificate_check) return std::nullopt;
  return job.certificate_check->accepted;
}

core::Rare<core::SecretsOfJob> secrets_of(const Draft& draft, const core::Job& job) {
  using core::ImplicitLogin;
  ImplicitLogin rule = draft.conditions.policy->requests->implicit.value;
  // What is confined has no part in the session of its user, and a service of many users in none: its own tickets are
  // nobody else's.
  if (rule == ImplicitLogin::always && job.application) rule = ImplicitLogin::if_set;
  if (draft.context().settings.machine_wide) rule = ImplicitLogin::never;
  core::SecretsSet set = job.rare->secrets ? *job.rare->secrets : core::SecretsSet();
  core::apply(rule, set);
  if (set.empty()) return {};
  const core::Shelf* shelf = draft.shelves.find(job.id);
  return core::SecretsOfJob{job.id, std::move(set), shelf == nullptr ? core::Shelf() : *shelf};
}

core::Source origin_source(const core::File& file) {
  return {.kind = core::SourceKind::origin,
          .address = std::string(core::address(file)),
          .home = std::string(file.remote),
          .entrusted = !file.rare->led_away};
}

void start_lane(Draft& draft, const base::JobId& id, const Run& run, Lane& lane, const NextWay& next) {
  const core::Job& job = *draft.job(id);
  const core::File& file = *draft.file(id, lane.file);
  lane.sign_of_life = draft.now().boot;
  if (!file.stored.empty() && file.is_stored_whole()) {
    // A crash came between the last byte and its record: only the sync is missing.
    lane.phase = LanePhase::syncing;
    draft.effect(effect::EndPart{lane.transfer});
    return;
  }
  const Way way = next.way;
  if (way != Way::site || next.source != core::SiteSource::swarm) stop_asking(draft, lane);
  if (way == Way::search) return search(draft, id, lane);
  if (way == Way::join) return join_swarm(draft, id, lane);
  if (way == Way::neighbour && begin_shares(draft, id, run, lane)) return;
  const bool of_origin = way == Way::origin || way == Way::identity;
  lane.neighbour.clear();
  lane.phase = LanePhase::receiving;
  lane.fetches_since = draft.now().boot;
  lane.brought = 0;
  lane.asks_identity = way == Way::identity;
  lane.for_all = of_origin && core::speaks_for_all(job);
  core::Source source;
  if (way == Way::neighbour) {
    const core::NeighbourAnswer offer = offers_of(draft, id, lane.file).front();
    lane.neighbour = offer.key;
    source = neighbour_source(draft, offer);
  } else if (of_origin) {
    source = origin_source(file);
  } else {
    source = site_source(draft, id, lane, next.source);
  }
  ports::TransferRequest request = request_of(draft, id, file, lane.transfer, std::move(source));
  request.record.identity_only = lane.asks_identity;
  lane.asked_only = !request.record.demand.asked.empty();
  request.record.held_off = draft.holds().held_from(job, draft.now().boot);
  request.accepted = accepted_by(job);
  if (of_origin) request.secrets = secrets_of(draft, job);
  if (way == Way::neighbour) request.pieces = core::judging_pieces(file);
  draft.effect(effect::StartTransfer{std::move(request)});
}

// Whom a redirect must not lead to is told with the start of a transfer, and again when it is another
// matter: a file with many gaps is asked for over hours.
void tell_held_off(Draft& draft) {
  const base::BootTime now = draft.now().boot;
  if (!draft.holds_changed() && draft.holds().next() > now) return;
  const auto tell = [&](const base::JobId& id, const Run& run) {
    const core::Job* job = draft.job(id);
    if (job == nullptr) return;
    const std::set<std::string> held = draft.holds().held_from(*job, now);
    for (const Lane& lane : run.lanes)
      if (lane.phase == LanePhase::receiving) draft.effect(effect::HoldOff{lane.transfer, held});
  };
  draft.each_run(tell);
}

// What is under way goes on as its job stands now: it has another priority, or became more or less urgent.
void tell_standing(Draft& draft, const base::JobId& id, const Run& run) {
  const Entry* committed = draft.context().table.find(id);
  const core::Standing now = core::standing_of(*draft.job(id));
  if (committed == nullptr || core::standing_of(committed->job) == now) return;
  for (const Lane& lane : run.lanes)
    if (lane.phase == LanePhase::receiving)
      lane.each_transfer([&](base::TransferId one) { draft.effect(effect::SetStanding{one, now}); });
}

bool may_connect(const Draft& draft, const Run& run, const core::File& file) {
  const std::string server = server_of(&file, draft.conditions.origins());
  return server.empty() || core::may_connect(use_of(draft, server), connections(run, server),
                                             draft.conditions.policy->limits.connections_per_server.value);
}

bool starts(const Lane& lane) { return lane.part_open && lane.phase == LanePhase::opening && !lane.ahead; }

// What the lanes of a run take up of what core::fetch_ahead lets it have.
struct LanesInUse {
  std::uint32_t in_flight = 0;
  std::uint32_t opened = 0;
  std::uint32_t unsynced = 0;
  std::uint32_t end = base::no_file;  // a failure waits for the files before it, and nothing is begun behind it
};

LanesInUse lanes_in_use(const Run& run) {
  LanesInUse busy;
  for (const Lane& lane : run.lanes) {
    if (lane.phase == LanePhase::failed) {
      busy.end = std::min(busy.end, lane.file);
      continue;
    }
    if (lane.phase == LanePhase::closing || lane.phase == LanePhase::stored) continue;
    ++busy.unsynced;
    if (lane.waits_for_request())
      ++busy.opened;
    else if (lane.phase != LanePhase::syncing && lane.phase != LanePhase::verifying)
      busy.in_flight += lane.requests();
  }
  return busy;
}

// At the address that was found for it when its part was opened: its server may have asked for time since then.
bool may_still_be_asked(const Draft& draft, const core::File& file) {
  const Holds::Way way = draft.holds().way_to(draft.context(), draft.conditions.origins(), file);
  return !way.until && !way.refused && way.address == core::address_in_use(file);
}

// Requests that have come free go to those whose part is open, or will be, before new parts are opened. Those that
// are to get none are left: they would count among what waits for the disk, in the way of a file before them.
void give_requests(Draft& draft, const base::JobId& id, Run& run) {
  const std::uint32_t most = core::fetch_ahead(run.recent_size).in_flight;
  LanesInUse now = lanes_in_use(run);
  std::string full;  // the server that was found so in this pass: nothing here makes room at one
  for (Lane& lane : run.lanes) {
    if (!lane.waits_for_request()) continue;
    const bool behind_failure = lane.file > now.end;  // with which the run ends
    if (!behind_failure && now.in_flight >= most) continue;
    const core::File& file = *draft.file(id, lane.file);
    if (behind_failure || !may_still_be_asked(draft, file)) {
      leave_file(draft, run, lane);
    } else if ((full.empty() || full != server_of(&file, draft.conditions.origins())) && may_connect(draft, run, file)) {
      lane.ahead = false;
      ++now.in_flight;
    } else {
      full = server_of(&file, draft.conditions.origins());
      run.wants_connection = true;
    }
  }
}

bool is_open(const Lane& lane) { return lane.phase != LanePhase::closing; }

bool waits_for_those_before(const Lane& lane) {
  return lane.phase == LanePhase::stored || lane.phase == LanePhase::failed;
}

}  // namespace

void close_lane(Draft& draft, Lane& lane) {
  stop_asking(draft, lane);
  lane.phase = LanePhase::closing;
  if (lane.without_part) {
    draft.effect(effect::Post{ports::PartClosed{.transfer = lane.transfer}});
    return;
  }
  stop_transfers(draft, lane);
  draft.effect(effect::ClosePart{lane.transfer});
}

void Fetching::settle(Draft& draft) const {
  look_at_waiting(draft);
  for (const base::JobId& id : draft.touched()) {
    const Run* run = draft.runs.find(id);
    if (run == nullptr) continue;
    if (run->active && moves(draft, id)) {
      tell_standing(draft, id, *run);
      open_lanes(draft, id);
      continue;
    }
    if (run->active || std::ranges::any_of(run->lanes, is_open)) {
      Run& stopped = *draft.runs.edit(id);
      stopped.active = false;
      for (Lane& lane : stopped.lanes)
        if (is_open(lane)) close_lane(draft, lane);
    }
    if (draft.runs.find(id)->lanes.empty()) draft.runs.erase(id);
  }
  // Whoever closed a connection above has left room for these.
  std::vector<base::JobId> waiting;
  draft.each_run([&](const base::JobId& id, const Run& run) {
    if (run.wants_connection && run.active && moves(draft, id)) waiting.push_back(id);
  });
  for (const base::JobId& id : waiting) open_lanes(draft, id);
  tell_held_off(draft);
}

// Everything here can be done again.
void Fetching::open_lanes(Draft& draft, const base::JobId& id) const {
  Run& run = *draft.runs.edit(id);
  run.wants_connection = false;
  give_requests(draft, id, run);
  for (Lane& lane : run.lanes) {
    if (!starts(lane)) continue;
    const NextWay next = way_of(draft, id, run, lane);
    lane.server = server_of(draft, id, lane, next);
    if (is_served_fully(draft, lane.server))
      run.wants_connection = true;
    else
      start_lane(draft, id, run, lane, next);
  }
  const core::FetchAhead most = core::fetch_ahead(run.recent_size);
  LanesInUse now = lanes_in_use(run);
  const std::uint32_t files = draft.file_count(id);
  const std::uint32_t end = std::min(files, now.end);
  while (run.next_file < end && now.unsynced < most.unsynced &&
         (now.in_flight < most.in_flight || now.opened < most.opened)) {
    const bool to_fetch = core::has_to_fetch(*draft.job(id), *draft.file(id, run.next_file));
    if (to_fetch && run.is_closing(run.next_file)) return;  // what is stored of it then is not known yet
    if (to_fetch && !run.has_lane_for(run.next_file)) {
      const Holds::Way way = take_way(draft, id, run.next_file);
      if (way.refused) {  // those behind it may be allowed
        run.passed_over = true;
        ++run.next_file;
        continue;
      }
      if (way.until) {
        // It is looked at again when those are closed that are under way.
        if (std::ranges::all_of(run.lanes, waits_for_those_before)) draft.effect(effect::Post{news::HeldUp{id}});
        return;
      }
      const core::File& file = *draft.file(id, run.next_file);
      const bool ahead = now.in_flight >= most.in_flight;
      if (!ahead && !may_connect(draft, run, file)) {
        run.wants_connection = true;
        return;
      }
      if (core::begins_at_zero(*draft.job(id), file)) begin_anew(draft, id, run.next_file);
      open_lane(draft, id, run, *draft.file(id, run.next_file), ahead);
      ++(ahead ? now.opened : now.in_flight);
      ++now.unsynced;
    }
    ++run.next_file;
  }
  if (!std::ranges::all_of(run.lanes, waits_for_those_before)) return;
  // What is left is refused, and the job is barred when it would get the next turn; or nothing comes any more of the
  // file that these wait for.
  if (run.passed_over || !run.lanes.empty()) return draft.effect(effect::Post{news::HeldUp{id}});
  // Nothing was left to fetch when the turn came (all files were here before): done at once.
  draft.effect(effect::Post{news::NothingLeft{id}});
}

void Fetching::open_lane(Draft& draft, const base::JobId& id, Run& run, const core::File& file, bool ahead) const {
  Lane lane;
  lane.transfer = base::TransferId{++draft.numbers.last_transfer};
  lane.file = file.index;
  lane.began = draft.now().boot;
  lane.sign_of_life = lane.began;
  lane.server = server_of(&file, draft.conditions.origins());
  lane.without_part = core::is_lost(file);
  lane.ahead = ahead;
  run.add(lane);
  if (lane.without_part) {
    draft.effect(effect::Post{ports::PartFailed{
        .transfer = lane.transfer,
        .error = base::Error(Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
                             "the queue was damaged and what it knew of this file is lost")}});
    return;
  }
  if ((file.inode != 0 || file.epoch != 0) && !swept_.contains({id, file.index})) {
    draft.note(note::Swept{id, file.index});
    drop_other_parts(draft, id, file.index);
  }
  const core::Job& job = *draft.job(id);
  draft.effect(effect::OpenPart{{.transfer = lane.transfer,
                                 .job = id,
                                 .owner = core::owner_of(job),
                                 .index = file.index,
                                 .epoch = file.epoch,
                                 .local = file.local,
                                 .stored = file.stored,
                                 .device = file.device,
                                 .inode = file.inode,
                                 .mount = file.mount,
                                 .tail = file.tail,
                                 .last_write = file.last_write,
                                 .size = job.rare->on_demand_mode ? base::size_unknown : file.size(),
                                 .root = file.root ? *file.root : std::string(),
                                 .in_place = core::lies_in_place(job),
                                 .takes_digest = core::may_be_cached(draft.conditions.policy->cache, job)}});
}

}  // namespace backhaul::engine
