// SPDX-License-Identifier: Apache-2.0
#include "engine/blaming.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "core/neighbours.h"
#include "core/shares.h"
#include "engine/asking.h"
#include "engine/senders.h"
#include "engine/site_asking.h"

namespace backhaul::engine {
namespace {

using Keys = std::vector<std::string>;

void log_liar(Draft& draft, const base::JobId& id, std::uint32_t file, const std::string& key, const std::string& why) {
  draft.log(base::LogLevel::warning,
            "file " + std::to_string(file) + ": neighbour " + draft.site->name_of(key) + " (" + key +
                ") sent bytes that are not valid, and is not asked for a day: " + why,
            id);
}

// What else they send just now is not waited for.
void part_from(Draft& draft, const base::JobId& id, const Keys& keys) {
  Run* run = draft.runs.edit(id);
  if (run == nullptr) return;
  for (Lane& lane : run->lanes) {
    const std::string* key = sent_by(lane, keys);
    if (key == nullptr) continue;
    lane.neighbour = *key;
    const base::Error lied(base::Code::BG_E_VALIDATION_FAILED, "it sent what is not valid");
    neighbour_failed(draft, id, *run, lane, lied);
  }
}

// `owner`: whose jobs ask them for nothing; unset: none does.
void ban(Draft& draft, const Keys& keys, std::optional<std::uint32_t> owner) {
  Keys banned = keys;
  if (owner)
    for (std::string& key : banned) key = core::banned_for(key, *owner);
  core::ban(edit_site(draft.site).bans, banned, draft.now().service);
  const auto believes = [&](const base::JobId& id) {
    const core::Job* job = draft.job(id);
    return job != nullptr && (!owner || job->owner_uid == *owner);
  };
  const auto is_theirs = [&](const core::NeighbourAnswer& one) { return std::ranges::find(keys, one.key) != keys.end(); };
  const std::vector<base::JobId> touched = draft.approaches.touched();
  std::set<base::JobId> known(touched.begin(), touched.end());
  for (const auto& [job, approaches] : draft.view().approaches) known.insert(job);
  const auto has_theirs = [&](const auto& one) { return std::ranges::any_of(one.second.offers, is_theirs); };
  for (const base::JobId& job : known) {
    const Approaches* const all = draft.approaches.find(job);
    if (all == nullptr || !believes(job) || std::ranges::none_of(*all, has_theirs)) continue;
    for (auto& [file, approach] : *draft.approaches.edit(job)) std::erase_if(approach.offers, is_theirs);
  }
  std::vector<base::JobId> served;
  draft.each_run([&](const base::JobId& id, const Run& run) {
    if (believes(id) && std::ranges::any_of(run.lanes, [&](const Lane& lane) { return sent_by(lane, keys) != nullptr; }))
      served.push_back(id);
  });
  for (const base::JobId& id : served) part_from(draft, id, keys);
}

}  // namespace

std::optional<std::uint32_t> believers_of(const Draft& draft, const base::JobId& id, Denial denial) {
  if (denial == Denial::origin) return std::nullopt;
  return draft.job(id)->owner_uid;
}

void catch_liar(Draft& draft, const base::JobId& id, std::uint32_t file, const std::string& key, std::uint64_t place) {
  log_liar(draft, id, file, key, "the piece at byte " + std::to_string(place) + " is not what is expected");
  const std::string told(draft.file(id, file)->remote_identity.digest);
  if (!told.empty()) edit_approach(draft, id, file).suspects[key] = told;
  ban(draft, {key}, believers_of(draft, id, Denial::owner));
}

void convict_liars(Draft& draft, const base::JobId& id, std::uint32_t index, const ports::PartDigested& event) {
  const Approach* approach = find_approach(draft, id, index);
  const core::File& file = *draft.file(id, index);
  if (approach == nullptr || approach->suspects.empty() || !core::is_vouched_by_origin(file, event.digests)) return;
  Keys keys;
  // What was sent of another version says nothing of this one.
  for (const auto& [key, told] : approach->suspects)
    if (told == std::string(file.remote_identity.digest)) keys.push_back(key);
  edit_approach(draft, id, index).suspects.clear();
  if (!keys.empty()) ban(draft, keys, std::nullopt);
}

bool blame_neighbours(Draft& draft, const base::JobId& id, const core::File& before, const std::string& why,
                      Denial denial) {
  const core::Extents gone = before.stored.without(draft.file(id, before.index)->stored);
  if (!core::gave(before, gone)) return false;
  Keys keys = core::givers(before, gone);
  blame_site(draft, id, before, keys, why, denial);
  for (const std::string& key : keys) log_liar(draft, id, before.index, key, why);
  Approach& approach = edit_approach(draft, id, before.index);
  // Where the other pieces stay a liar costs but one.
  if (gone == before.stored || !core::judging_pieces(before)) approach.liars += keys.size();
  if (core::is_for_origin_alone(before, approach.liars))
    draft.edit_file(id, before.index, Weight::hard, core::distrust_neighbours);
  ban(draft, keys, believers_of(draft, id, denial));
  return true;
}

}  // namespace backhaul::engine
