// SPDX-License-Identifier: Apache-2.0
#include "engine/cache_table.h"

namespace backhaul::engine {
namespace {

template <class Index, class Key>
std::vector<base::RecordId> listed_under(const Index& index, const Key& key) {
  std::vector<base::RecordId> ids;
  for (auto it = index.lower_bound({key, base::RecordId{}}); it != index.end() && it->first == key; ++it)
    ids.push_back(it->second);
  return ids;
}

template <class Index>
void put_in(Index& index, typename Index::value_type key, bool present) {
  if (present)
    index.insert(std::move(key));
  else
    index.erase(key);
}

}  // namespace

const CacheEntry* CacheTable::find(const base::RecordId& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<base::RecordId> CacheTable::of_job(const base::JobId& job) const { return listed_under(of_job_, job); }

std::vector<base::RecordId> CacheTable::of_url(const base::Text& url) const {
  return listed_under(of_url_, std::string(url));
}

void CacheTable::put(const base::RecordId& id, std::optional<CacheEntry> entry) {
  if (const auto found = entries_.find(id); found != entries_.end()) {
    index(found->second, false);
    entries_.erase(found);
  }
  if (!entry) return;
  index(*entry, true);
  entries_.emplace(id, *std::move(entry));
}

void CacheTable::index(const CacheEntry& entry, bool present) {
  const core::CacheRecord& record = entry.record;
  put_in(by_use_, {record.used, record.id}, present);
  put_in(of_job_, {record.job, record.id}, present);
  put_in(of_url_, {std::string(record.url), record.id}, present);
  octets_ = present ? octets_ + record.size : octets_ - record.size;
  if (entry.making) making_ = present ? making_ + 1 : making_ - 1;
}

}  // namespace backhaul::engine
