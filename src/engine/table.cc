// SPDX-License-Identifier: Apache-2.0
#include "engine/table.h"

#include <algorithm>
#include <utility>

#include "base/result.h"
#include "core/weight.h"

namespace backhaul::engine {
namespace {

constexpr std::size_t tombstones_max = 1000;
constexpr std::uint64_t tombstone_octets_max = std::uint64_t{8} << 20;  // of one account

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
  entry.octets += core::weigh(entry.job);
  for (const core::File& file : entry.files) entry.octets += core::weigh(file);
  owners_.grow(core::owner_of(entry.job), entry.octets);
  const base::JobId id = entry.job.id;
  const auto [row, inserted] = entries_.emplace(id, std::move(entry));
  BH_ASSERT(inserted);
  return row->second;
}

void Table::reweigh(Entry& entry, std::uint64_t octets) {
  if (octets == entry.octets) return;
  const core::Owner owner = core::owner_of(entry.job);
  owners_.grow(owner, octets);
  owners_.shrink(owner, std::exchange(entry.octets, octets));
}

void Table::reseal(const base::JobId& id, std::uint64_t before, std::uint64_t after) {
  Entry& entry = entries_.at(id);
  reweigh(entry, entry.octets - before + after);
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
    owners_.shrink(core::owner_of(entry.job), entry.octets);
    owners_.grow(core::owner_of(job), entry.octets);
  }
  std::uint64_t octets = entry.octets - core::weigh(entry.job) + core::weigh(job);
  entry.job = std::move(job);
  index(entry.job, true);
  for (core::File& file : files) {
    const std::uint32_t changed = file.index;
    if (changed < entry.files.size()) {
      octets -= core::weigh(entry.files[changed]);
    } else {
      BH_ASSERT(changed == entry.files.size());
      entry.files.emplace_back();
    }
    octets += core::weigh(file);
    entry.files[changed] = std::move(file);
    follow(entry, changed);
  }
  reweigh(entry, octets);
}

void Table::bury(const base::JobId& id, base::PeerId holder) {
  auto it = entries_.find(id);
  BH_ASSERT(it != entries_.end());
  Entry& entry = it->second;
  const core::Owner owner = core::owner_of(entry.job);
  const core::Account account = core::account_of(owner);
  index(entry.job, false);
  owners_.remove(owner, entry.job.order);
  count_creator(entry.job, false);
  owners_.shrink(owner, entry.octets);
  entry.job.object.reset();
  entry.job.certificate_check.reset();
  std::uint64_t& octets = tombstone_octets_[account];
  octets += entry.octets;
  const bool too_many_octets = octets > tombstone_octets_max;
  tombstones_.emplace(id, Tombstone{std::move(entry), holder});
  tombstone_order_.push_back(id);
  entries_.erase(it);
  if (tombstone_order_.size() > tombstones_max) drop_tombstone(0);
  if (too_many_octets) drop_tombstones_of(account);
}

// The oldest first, and never the one that ended last: its client has not heard of it yet.
void Table::drop_tombstones_of(const core::Account& account) {
  for (std::size_t place = 0; place + 1 < tombstone_order_.size();) {
    const auto octets = tombstone_octets_.find(account);
    if (octets == tombstone_octets_.end() || octets->second <= tombstone_octets_max) return;
    const core::Job& job = tombstones_.at(tombstone_order_[place]).entry.job;
    if (core::account_of(core::owner_of(job)) == account)
      drop_tombstone(place);
    else
      ++place;
  }
}

void Table::drop_tombstone(std::size_t place) {
  const auto dropped = tombstones_.find(tombstone_order_[place]);
  const Entry& entry = dropped->second.entry;
  const auto summed = tombstone_octets_.find(core::account_of(core::owner_of(entry.job)));
  summed->second -= entry.octets;
  if (summed->second == 0) tombstone_octets_.erase(summed);
  tombstones_.erase(dropped);
  tombstone_order_.erase(tombstone_order_.begin() + static_cast<std::ptrdiff_t>(place));
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
