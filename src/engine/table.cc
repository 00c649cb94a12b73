// SPDX-License-Identifier: Apache-2.0
#include "engine/table.h"

#include <algorithm>
#include <utility>

#include "base/result.h"

namespace backhaul::engine {
namespace {

constexpr std::size_t tombstones_max = 1000;

bool waits(const core::File& file) { return file.state == core::FileState::waiting; }
bool owes(const core::File& file) { return file.event != 0; }
bool waits_for_address(const core::Job& job) {
  return job.state == base::JobState::transient_error && job.address_file != base::no_file;
}

// The first of `files` that `is` so, where it was `first` before this one of them changed. All changes
// together walk over the files as often as one of the first came back, not once per change.
template <class Is>
void follow(std::uint32_t& first, const std::vector<core::File>& files, std::uint32_t changed, Is is) {
  if (changed < first && is(files[changed])) first = changed;
  while (first < files.size() && !is(files[first])) ++first;
}

void follow(Entry& entry, std::uint32_t changed) {
  follow(entry.first_waiting, entry.files, changed, waits);
  follow(entry.first_owing, entry.files, changed, owes);
}

}  // namespace

const Entry* Table::find(const base::JobId& id) const {
  ++looked_for_.times;
  if (auto it = entries_.find(id); it != entries_.end()) return &it->second;
  if (auto it = tombstones_.find(id); it != tombstones_.end()) return &it->second.entry;
  return nullptr;
}

std::vector<base::JobId> Table::listed(const ByText& all, const std::string& text) {
  std::vector<base::JobId> jobs;
  for (auto it = all.lower_bound({text, base::JobId{}}); it != all.end() && it->first == text; ++it)
    jobs.push_back(it->second);
  return jobs;
}

std::size_t Table::registrations(const std::string& unique_name) const {
  const auto counted = registrations_.find(unique_name);
  return counted == registrations_.end() ? 0 : counted->second;
}

std::size_t Table::made_by(const core::Creator& creator) const {
  return core::sum_of(made_by_, creator);
}

void Table::index_object(const core::ObjectRegistration& object, const base::JobId& job,
                         bool present) {
  if (present) {
    if (objects_.emplace(object.unique_name, job).second) ++registrations_[object.unique_name];
  } else if (objects_.erase({object.unique_name, job}) != 0) {
    const auto counted = registrations_.find(object.unique_name);
    if (--counted->second == 0) registrations_.erase(counted);
  }
}

void Table::index(const core::Job& job, bool present) {
  if (job.object) index_object(*job.object, job.id, present);
  if (job.certificate_check && job.certificate_check->can_ask())
    index_object(job.certificate_check->object, job.id, present);
  if (job.server_wish && present) wishes_.emplace(job.server_wish->origin, job.id);
  if (job.server_wish && !present) wishes_.erase({job.server_wish->origin, job.id});
  if (job.intent != core::Intent::none && !base::is_final(job.state)) present ? ++closing_ : --closing_;
  if (!base::is_action(job.state)) return;
  if (waits_for_address(job)) present ? ++waiting_for_address_ : --waiting_for_address_;
  ByOrder& same_state = by_state_[static_cast<std::size_t>(job.state)];
  if (present)
    same_state.emplace(job.order, job.id);
  else
    same_state.erase(job.order);
}

void Table::count_creator(const core::Job& job, bool present) {
  const auto counted = made_by_.try_emplace(core::creator_of(job)).first;
  present ? ++counted->second : --counted->second;
  if (counted->second == 0) made_by_.erase(counted);
}

const Entry& Table::insert(Entry entry) {
  index(entry.job, true);
  follow(entry, 0);
  owners_.add(core::owner_of(entry.job), entry.job.order, entry.job.id);
  count_creator(entry.job, true);
  const base::JobId id = entry.job.id;
  const auto [row, inserted] = entries_.emplace(id, std::move(entry));
  BH_ASSERT(inserted);
  return row->second;
}

void Table::replace(core::Job job, std::vector<core::File> files) {
  auto it = entries_.find(job.id);
  BH_ASSERT(it != entries_.end());
  Entry& entry = it->second;
  index(entry.job, false);
  if (job.owner_uid != entry.job.owner_uid || job.rare->account != entry.job.rare->account) {
    owners_.remove(core::owner_of(entry.job), entry.job.order);
    owners_.add(core::owner_of(job), job.order, job.id);
    count_creator(entry.job, false);
    count_creator(job, true);
  }
  entry.job = std::move(job);
  index(entry.job, true);
  for (core::File& file : files) {
    const std::uint32_t changed = file.index;
    if (changed >= entry.files.size()) entry.files.resize(changed + 1);
    entry.files[changed] = std::move(file);
    follow(entry, changed);
  }
}

void Table::bury(const base::JobId& id, base::PeerId holder) {
  auto it = entries_.find(id);
  BH_ASSERT(it != entries_.end());
  index(it->second.job, false);
  owners_.remove(core::owner_of(it->second.job), it->second.job.order);
  count_creator(it->second.job, false);
  it->second.job.object.reset();
  it->second.job.certificate_check.reset();
  tombstones_.emplace(id, Tombstone{std::move(it->second), holder});
  tombstone_order_.push_back(id);
  entries_.erase(it);
  if (tombstone_order_.size() > tombstones_max) {
    tombstones_.erase(tombstone_order_.front());
    tombstone_order_.pop_front();
  }
}

void Table::peer_gone(base::PeerId peer) {
  for (auto& [id, tombstone] : tombstones_)
    if (tombstone.holder == peer) tombstone.holder = base::PeerId::none;
}

bool Table::holds_tombstones() const {
  for (const auto& [id, tombstone] : tombstones_)
    if (tombstone.holder != base::PeerId::none) return true;
  return false;
}

}  // namespace backhaul::engine
