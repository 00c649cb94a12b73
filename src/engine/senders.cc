// SPDX-License-Identifier: Apache-2.0
#include "engine/senders.h"

#include <algorithm>
#include <utility>

#include "core/http.h"
#include "core/mirrors.h"
#include "core/shares.h"
#include "engine/asking.h"
#include "engine/blaming.h"
#include "engine/file_steps.h"
#include "engine/random_access.h"
#include "engine/server_use.h"

namespace backhaul::engine {
namespace {

// Beside more files of its job there are requests enough.
constexpr std::size_t files_of_several = 4;

core::Extents here_or_asked(const core::File& file, const Lane& lane) {
  core::Extents all = file.stored;
  for (const Sender& one : lane.senders) all.add(one.asked);
  return all;
}

// False: nothing is left that nobody was asked for.
bool ask_share(Draft& draft, const base::JobId& id, Lane& lane, Sender& sender, const core::NeighbourAnswer& offer) {
  const core::File& file = *draft.file(id, lane.file);
  auto pieces = core::judging_pieces(file);
  if (!pieces) return false;
  const auto share = core::next_share(here_or_asked(file, lane), file.size(), pieces->size.length, lane.senders.size());
  if (!share) return false;
  sender.transfer = base::TransferId{++draft.numbers.last_transfer};
  sender.share = *share;
  sender.asked.add(*share);
  ports::TransferRequest request = request_of(draft, id, file, sender.transfer, neighbour_source(draft, offer));
  request.record.demand.asked = {*share};
  request.record.share = true;
  request.pieces = std::move(pieces);
  draft.effect(effect::StartTransfer{std::move(request), lane.transfer});
  return true;
}

// At once, so that a crash leaves nothing of it on record; and whatever is stored of it later.
void deny(Draft& draft, const base::JobId& id, Lane& lane, const core::Extents& bytes) {
  lane.denied.add(bytes);
  if (draft.file(id, lane.file)->state != core::FileState::waiting) return;
  draft.edit_file(id, lane.file, Weight::hard, [&](core::File& file) { drop_denied(file, lane); });
}

// Its offer may be gone: then it has sent the last of its shares.
bool ask_for_more(Draft& draft, const base::JobId& id, Lane& lane, Sender& sender) {
  for (const core::NeighbourAnswer& offer : offers_of(draft, id, lane.file))
    if (offer.key == sender.key) return ask_share(draft, id, lane, sender, offer);
  return false;
}

}  // namespace

bool begin_shares(Draft& draft, const base::JobId& id, const Run& run, Lane& lane) {
  const core::File& file = *draft.file(id, lane.file);
  const std::vector<core::NeighbourAnswer> offers = offers_of(draft, id, lane.file);
  const auto pieces = core::judging_pieces(file);
  if (!pieces || offers.size() < 2 || run.lanes.size() > files_of_several) return false;
  if (file.size() - file.stored.total() <= pieces->size.length) return false;
  std::vector<core::NeighbourAnswer> chosen;
  for (const core::NeighbourAnswer& offer : offers) {
    const std::string server = core::url_origin(offer.address);
    const bool again = std::ranges::any_of(lane.senders, [&](const Sender& one) { return one.server == server; });
    if (chosen.size() == core::senders_max || again || is_served_fully(draft, server)) continue;
    chosen.push_back(offer);
    lane.senders.push_back({.key = offer.key, .server = server, .transfer = {}, .asked = {}});
  }
  if (chosen.size() < 2) {
    lane.senders.clear();
    return false;
  }
  lane.phase = LanePhase::receiving;
  lane.neighbour = chosen.front().key;
  for (std::size_t i = 0; i < chosen.size(); ++i) ask_share(draft, id, lane, lane.senders[i], chosen[i]);
  return true;
}

bool sender_ended(Draft& draft, const base::JobId& id, Run& run, Lane& lane, const ports::TransferEnded& event) {
  // Also of one that was stopped in between, since its job was, or another one lied or broke at the same moment.
  if (!event.denied.empty()) deny(draft, id, lane, event.denied);
  if (lane.neighbour.empty()) return false;
  Sender* sender = lane.sender_of(event.transfer);
  if (!event.denied.empty()) {
    catch_liar(draft, id, lane.file, sender == nullptr ? lane.neighbour : sender->key, event.denied.list().front().begin);
    return true;
  }
  if (lane.phase != LanePhase::receiving) return true;  // nothing of it counts any more, and least of all for the job
  if (sender != nullptr) {
    sender->transfer = {};
    // It has no room just now, and sent nothing: the others send its share.
    if (event.error && event.error->code == base::http_code(503) && lane.requests() > 0) {
      sender->asked.remove(sender->share);
      forget_offer(draft, id, lane.file, sender->key);
      return true;
    }
    lane.neighbour = sender->key;
  }
  if (event.error) {
    neighbour_failed(draft, id, run, lane, *event.error);
    return true;
  }
  if (sender == nullptr) return false;
  lane.sign_of_life = draft.now().boot;
  if (ask_for_more(draft, id, lane, *sender) || lane.requests() > 0) return true;
  // Each of them has sent what it was asked for, and nothing is left; or the offers of those that could go on are gone.
  const core::File& file = *draft.file(id, lane.file);
  if (here_or_asked(file, lane).total() < file.size()) {
    leave_file(draft, run, lane);
    return true;
  }
  lane.phase = LanePhase::syncing;
  draft.effect(effect::EndPart{lane.transfer});
  return true;
}

void stop_transfers(Draft& draft, const Lane& lane) {
  lane.each_transfer([&](base::TransferId one) { draft.effect(effect::StopTransfer{one}); });
}

const std::string* sent_by(const Lane& lane, const std::vector<std::string>& keys) {
  if (lane.phase != LanePhase::receiving) return nullptr;
  for (const std::string& key : keys) {
    if (lane.senders.empty() && lane.neighbour == key) return &key;
    if (std::ranges::find(lane.senders, key, &Sender::key) != lane.senders.end()) return &key;
  }
  return nullptr;
}

void note_senders(core::File& file, const Lane& lane, const core::Extents& bytes) {
  if (lane.senders.empty()) return core::note_sender(file, bytes, lane.neighbour);
  for (const Sender& one : lane.senders) core::note_sender(file, bytes.common(one.asked), one.key);
}

void measure_origin(Draft& draft, const base::JobId& id, Lane& lane, std::uint64_t octets, bool final) {
  lane.brought += octets;
  if (!final || !lane.for_all || !lane.neighbour.empty() || !draft.conditions.policy->neighbours.client.value) return;
  const base::Microseconds took = draft.now().boot - lane.fetches_since;
  if (took < core::OriginRates::least_time) return;  // says nothing of a rate
  edit_site(draft.site).rates.note(core::url_origin(core::address(*draft.file(id, lane.file))), lane.brought, took);
}

// What is recorded of the end of the part may be of bytes that are dropped here.
void drop_denied(core::File& file, const Lane& lane) {
  const core::Extents gone = file.stored.common(lane.denied);
  if (gone.empty()) return;
  file.stored = file.stored.without(gone);
  file.tail = 0;
  file.last_write = 0;
  if (lane.asked_only) ask_again(file, gone);
}

}  // namespace backhaul::engine
