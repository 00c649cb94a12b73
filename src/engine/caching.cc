// SPDX-License-Identifier: Apache-2.0
#include "engine/caching.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/part.h"
#include "engine/part_of.h"

namespace backhaul::engine {
namespace {

// The copy that somebody is being given stays until the end of that. Its row goes at once, so that a crash does not bring
// it back: the next start deletes a copy that no row knows. It is not too old meanwhile.
void drop(Draft& draft, const base::RecordId& id) {
  if (const CacheEntry* entry = draft.cache.find(id); entry != nullptr && entry->served > 0) {
    if (entry->leaving) return;
    CacheEntry& leaving = *draft.cache.edit(id);
    leaving.leaving = true;
    leaving.record.validated = false;
    leaving.record.used = draft.now().service;
    return;
  }
  draft.cache.erase(id);
  draft.effect(effect::RemoveCopy{id});
}

constexpr base::Microseconds use_is_noted_after = std::chrono::minutes(1);

const core::CacheRules& rules_of(const Draft& draft) { return draft.conditions.policy->cache; }

// Whether neighbours may have it.
bool is_offered(const CacheEntry* entry, const CacheRoom& room) {
  return room.looked && is_on_record(entry) && entry->record.validated;
}

// This turn has made it whole.
bool is_here_since_now(const Draft& draft, const base::JobId& id, const core::File& file) {
  if (file.state != core::FileState::transferred) return false;
  const Entry* before = draft.context().table.find(id);
  return before == nullptr || file.index >= before->files.size() ||
         before->files[file.index].state != core::FileState::transferred;
}

}  // namespace

void Caching::recovered(std::vector<core::CacheRecord> stored, base::ServiceTime now) {
  for (core::CacheRecord& record : stored) {
    record.used = std::min(record.used, now);
    const base::RecordId id = record.id;
    table_.put(id, CacheEntry{std::move(record)});
  }
}

void Caching::on(Draft& draft, ports::CacheLooked& event) const {
  draft.keep_if_dropped(event);
  draft.cache_room.looked = true;
  draft.cache_room.volume = event.volume;
  for (const base::RecordId& id : event.lost) draft.cache.erase(id);
  if (event.error)
    draft.log(base::LogLevel::warning, "Nothing can be kept for neighbours: " + event.error->text);
  else if (!event.lost.empty())
    draft.log(base::LogLevel::notice,
              std::to_string(event.lost.size()) + " copies that were kept for neighbours are gone");
}

void Caching::on(Draft& draft, ports::CopyMade& event) const {
  // Its record may have been dropped meanwhile.
  if (draft.cache.find(event.id) == nullptr) return;
  draft.keep_if_dropped(event);
  CacheEntry* entry = draft.cache.edit(event.id);
  if (event.error) {
    draft.log(base::LogLevel::info,
              "file " + std::to_string(entry->record.file) + " is not kept for neighbours: " + event.error->text,
              entry->record.job);
    return draft.cache.erase(event.id);
  }
  entry->making = false;
  if (entry->record.validated) replace_others(draft, entry->record);
}

void Caching::on(Draft& draft, ports::RecordServed& event) const {
  if (draft.cache.find(event.id) == nullptr) return;
  draft.keep_if_dropped(event);
  CacheEntry& entry = *draft.cache.edit(event.id);
  if (event.begins) {
    ++entry.served;
    // Each use would be a commit, and a neighbour can ask a thousand times a second.
    if (draft.now().service - entry.record.used < use_is_noted_after) return;
    entry.record.accessed = draft.now().wall;
    entry.record.used = draft.now().service;
    return;
  }
  if (entry.served > 0) --entry.served;
  if (entry.served == 0 && entry.leaving) drop(draft, event.id);
}

void Caching::on(Draft& draft, const news::Stopping&) const {
  draft.cache_room.closed = true;
  for (const auto& [id, entry] : table_.all())
    if (const CacheEntry* now = draft.cache.find(id); now != nullptr && now->making) drop(draft, id);
}

void Caching::settle(Draft& draft) const {
  if (!draft.cache_room.asked && !rules_of(draft).enabled.value && table_.all().empty()) return;
  if (!draft.cache_room.asked)
    look(draft);
  else if (draft.conditions.policy != draft.context().policy)
    judge_all(draft);
  for (const auto& [id, changed] : draft.jobs()) look_at_job(draft, id);
  if (draft.cache_room.looked) keep_waiting(draft);
  drop_old(draft);
  make_room(draft);
  tell_neighbours(draft);
}

// Once, before anything is kept. The rows of records and jobs are of one commit; where the queue was damaged they
// need not fit.
void Caching::look(Draft& draft) const {
  draft.cache_room.asked = true;
  judge_all(draft);
  effect::LookAtCache look;
  for (const auto& [id, entry] : table_.all())
    if (draft.cache.find(id) != nullptr) look.known.push_back({id, entry.record.size});
  draft.effect(std::move(look));
}

void Caching::judge_all(Draft& draft) const {
  for (const auto& [id, entry] : table_.all()) judge(draft, id);
}

void Caching::judge(Draft& draft, const base::RecordId& id) const {
  const CacheEntry* entry = draft.cache.find(id);
  if (entry == nullptr || entry->leaving) return;
  const core::CacheRecord& record = entry->record;
  const core::Job* job = draft.job(record.job);
  const core::File* file = draft.file(record.job, record.file);
  switch (core::judge(record, rules_of(draft), job, file)) {
    case core::CacheVerdict::keep: return;
    case core::CacheVerdict::drop: return drop(draft, id);
    case core::CacheVerdict::offer: break;
  }
  if (record.validated) return;
  CacheEntry& offered = *draft.cache.edit(id);
  offered.record.validated = true;
  if (!offered.making) replace_others(draft, offered.record);
}

void Caching::look_at_job(Draft& draft, const base::JobId& id) const {
  for (const base::RecordId& record : table_.of_job(id)) judge(draft, record);
  const core::Job* job = draft.job(id);
  if (job == nullptr || !core::may_be_cached(rules_of(draft), *job)) return;
  for (const auto& [index, file] : draft.jobs().at(id).files)
    if (is_here_since_now(draft, id, file.row) &&
        core::may_be_cached(file.row, draft.conditions.policy->neighbours.query_origins.value))
      keep(draft, id, index);
}

// Somebody may have said meanwhile that they are as they should be, or have taken them away.
void Caching::keep_waiting(Draft& draft) const {
  const auto waiting = std::exchange(draft.cache_room.waiting, {});
  for (const auto& [id, index] : waiting) {
    const core::Job* job = draft.job(id);
    const core::File* file = draft.file(id, index);
    if (job == nullptr || file == nullptr || file->state != core::FileState::transferred) continue;
    if (core::may_be_cached(rules_of(draft), *job) &&
        core::may_be_cached(*file, draft.conditions.policy->neighbours.query_origins.value))
      keep(draft, id, index);
  }
  if (waiting.empty()) return;
  for (const base::RecordId& record : draft.cache.touched()) judge(draft, record);
}

void Caching::keep(Draft& draft, const base::JobId& id, std::uint32_t index) const {
  const core::File& file = *draft.file(id, index);
  core::CacheRecord record = core::cache_record(file);
  const CacheRoom& room = draft.cache_room;
  if (!room.looked) {
    draft.cache_room.waiting.insert({id, index});
    return;
  }
  if (room.closed || room.volume == 0 || record.size > rules_of(draft).most_octets(room.volume)) return;
  record.made = record.accessed = draft.now().wall;
  record.used = draft.now().service;
  for (const base::RecordId& other : table_.of_url(record.url)) {
    const CacheEntry* there = draft.cache.find(other);
    if (!is_on_record(there) || !there->record.validated || !core::is_same_object(there->record, record)) continue;
    core::CacheRecord& used = draft.cache.edit(other)->record;
    used.accessed = record.accessed;
    used.used = record.used;
    return;
  }
  record.number = draft.numbers.next_sequence++;
  record.id.bytes = draft.context().random.new_job_id().bytes;
  draft.effect(effect::MakeCopy{{.id = record.id,
                                 .job = id,
                                 .owner = core::owner_of(*draft.job(id)),
                                 .part = part_of(file),
                                 .size = record.size,
                                 .digest = record.digest}});
  const base::RecordId made = record.id;
  draft.cache.make(made) = CacheEntry{.record = std::move(record), .making = true};
}

// An earlier version is of no use to anybody.
void Caching::replace_others(Draft& draft, const core::CacheRecord& offered) const {
  for (const base::RecordId& id : table_.of_url(offered.url)) {
    const CacheEntry* other = draft.cache.find(id);
    if (id != offered.id && is_on_record(other) && other->record.validated &&
        core::has_same_place(other->record, offered))
      drop(draft, id);
  }
}

void Caching::drop_old(Draft& draft) const {
  for (const auto& [used, id] : table_.by_use()) {
    if (!core::is_too_old(used, rules_of(draft), draft.now().service)) return;
    const CacheEntry* entry = draft.cache.find(id);
    if (entry != nullptr && entry->record.used == used) drop(draft, id);
  }
}

void Caching::make_room(Draft& draft) const {
  if (draft.cache_room.volume == 0) return;
  std::uint64_t octets = table_.octets();
  std::size_t count = table_.all().size();
  std::vector<base::RecordId> fresh;
  for (const base::RecordId& id : draft.cache.touched()) {
    const CacheEntry* before = table_.find(id);
    const CacheEntry* after = draft.cache.find(id);
    octets += (after == nullptr ? 0 : after->record.size) - (before == nullptr ? 0 : before->record.size);
    count += (after == nullptr ? 0U : 1U) - (before == nullptr ? 0U : 1U);
    if (before == nullptr && after != nullptr) fresh.push_back(id);
  }
  const std::uint64_t most = rules_of(draft).most_octets(draft.cache_room.volume);
  if (octets <= most && count <= core::cache_records_max) return;
  // What somebody is being given is no candidate, and takes its room.
  std::vector<core::CacheUse> all;
  std::uint64_t in_use = 0;
  const auto add = [&](const base::RecordId& id) {
    const CacheEntry* entry = draft.cache.find(id);
    if (entry == nullptr) return;
    if (entry->served > 0)
      in_use += entry->record.size;
    else
      all.push_back({id, entry->record.size, entry->record.used});
  };
  for (const auto& [id, entry] : table_.all()) add(id);
  for (const base::RecordId& id : fresh) add(id);
  for (const base::RecordId& id : core::over_the_limit(std::move(all), most - std::min(most, in_use))) drop(draft, id);
}

// What this turn has changed of it, and everything when it is known what is there.
void Caching::tell_neighbours(Draft& draft) const {
  const CacheRoom& room = draft.cache_room;
  const std::vector<base::RecordId> touched = draft.cache.touched();
  for (const base::RecordId& id : touched) {
    const bool before = is_offered(table_.find(id), room_);
    const CacheEntry* entry = draft.cache.find(id);
    const bool after = is_offered(entry, room);
    if (after && !before) draft.effect(effect::OfferRecord{entry->record});
    if (before && !after) draft.effect(effect::WithdrawRecord{id});
  }
  if (room_.looked == room.looked) return;
  for (const auto& [id, entry] : table_.all())
    if (!std::ranges::binary_search(touched, id) && is_offered(&entry, room))
      draft.effect(effect::OfferRecord{entry.record});
}

void Caching::merged(Change& change) {
  room_ = change.draft.cache_room;
  change.draft.cache.merge(
      [this](const base::RecordId& id, std::optional<CacheEntry> entry) { table_.put(id, std::move(entry)); });
}

void Caching::remove(Draft& draft, const base::RecordId& id) { drop(draft, id); }

base::BootTime Caching::next(const Context& context) const {
  if (table_.by_use().empty()) return base::never;
  return context.clocks.on_boot_clock(table_.by_use().begin()->first + context.policy->cache.age.value);
}

}  // namespace backhaul::engine
