// SPDX-License-Identifier: Apache-2.0
#include "engine/table.h"

#include <algorithm>
#include <utility>

#include "base/result.h"

namespace backhaul::engine {
namespace {

constexpr std::size_t tombstones_max = 1000;

}  // namespace

const core::File* Entry::next_file() const {
  const auto waits = [](const core::File& file) { return file.state == core::FileState::waiting; };
  const auto found = std::find_if(files.begin(), files.end(), waits);
  return found == files.end() ? nullptr : &*found;
}

const Entry* Table::find(const base::JobId& id) const {
  if (auto it = entries_.find(id); it != entries_.end()) return &it->second;
  if (auto it = tombstones_.find(id); it != tombstones_.end()) return &it->second.entry;
  return nullptr;
}

std::vector<base::JobId> Table::registered_by(const std::string& unique_name) const {
  std::vector<base::JobId> jobs;
  for (auto it = objects_.lower_bound({unique_name, base::JobId{}});
       it != objects_.end() && it->first == unique_name; ++it)
    jobs.push_back(it->second);
  return jobs;
}

std::size_t Table::registrations(const std::string& unique_name) const {
  const auto counted = registrations_.find(unique_name);
  return counted == registrations_.end() ? 0 : counted->second;
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

void Table::index_objects(const core::Job& job, bool present) {
  if (job.object) index_object(*job.object, job.id, present);
  if (job.validator && job.validator->can_ask())
    index_object(job.validator->object, job.id, present);
}

void Table::insert(Entry entry) {
  index_objects(entry.job, true);
  owners_.add(core::owner_of(entry.job), entry.job.order, entry.job.id);
  const base::JobId id = entry.job.id;
  const bool inserted = entries_.emplace(id, std::move(entry)).second;
  BH_ASSERT(inserted);
}

void Table::replace(core::Job job, std::vector<core::File> files) {
  auto it = entries_.find(job.id);
  BH_ASSERT(it != entries_.end());
  Entry& entry = it->second;
  index_objects(entry.job, false);
  if (job.owner_uid != entry.job.owner_uid) {
    owners_.remove(core::owner_of(entry.job), entry.job.order);
    owners_.add(core::owner_of(job), job.order, job.id);
  }
  entry.job = std::move(job);
  index_objects(entry.job, true);
  for (core::File& file : files) {
    const std::size_t index = file.index;
    if (index >= entry.files.size()) entry.files.resize(index + 1);
    entry.files[index] = std::move(file);
  }
}

void Table::bury(const base::JobId& id, base::PeerId holder) {
  auto it = entries_.find(id);
  BH_ASSERT(it != entries_.end());
  index_objects(it->second.job, false);
  owners_.remove(core::owner_of(it->second.job), it->second.job.order);
  it->second.job.object.reset();
  it->second.job.validator.reset();
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
