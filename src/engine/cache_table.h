// SPDX-License-Identifier: Apache-2.0
// What is kept for neighbours: the records that are on the disk, and those whose copies are still being made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "core/peer_cache.h"

namespace backhaul::engine {

struct CacheEntry {
  core::CacheRecord record;
  bool making = false;  // there is no copy yet, and no row
  bool leaving = false;  // its row is gone; its copy goes when nobody is being given it any more
  std::uint32_t served = 0;  // so many neighbours are being given it

  bool operator==(const CacheEntry&) const = default;
};
inline bool is_on_record(const CacheEntry* entry) { return entry != nullptr && !entry->making && !entry->leaving; }
// It cannot be taken away by whoever administrates the cache.
inline bool is_busy_record(const CacheEntry& entry) { return entry.making || entry.served != 0; }

// What is known of the folder of the copies.
struct CacheRoom {
  bool asked = false;
  bool looked = false;
  std::uint64_t volume = 0;  // octets of its file system; 0: not known, or nothing can be kept there
  bool closed = false;       // the service ends: nothing more is copied
  // Files that were here before anybody had looked: job, index.
  std::set<std::pair<base::JobId, std::uint32_t>> waiting{};

  bool operator==(const CacheRoom&) const = default;
};

class CacheTable {
 public:
  using Entries = std::unordered_map<base::RecordId, CacheEntry>;
  using ByUse = std::set<std::pair<base::ServiceTime, base::RecordId>>;

  const Entries& all() const { return entries_; }
  const CacheEntry* find(const base::RecordId& id) const;
  const ByUse& by_use() const { return by_use_; }  // what was used least recently comes first
  std::uint64_t octets() const { return octets_; }
  std::size_t in_the_making() const { return making_; }
  std::vector<base::RecordId> of_job(const base::JobId& job) const;
  std::vector<base::RecordId> of_url(const base::Text& url) const;

  // Unset: there is none any more.
  void put(const base::RecordId& id, std::optional<CacheEntry> entry);
  bool operator==(const CacheTable&) const = default;

 private:
  void index(const CacheEntry& entry, bool present);

  Entries entries_;
  ByUse by_use_;
  std::set<std::pair<base::JobId, base::RecordId>> of_job_;
  std::set<std::pair<std::string, base::RecordId>> of_url_;
  std::uint64_t octets_ = 0;
  std::size_t making_ = 0;
};

}  // namespace backhaul::engine
