// SPDX-License-Identifier: Apache-2.0
// What is kept of finished files for the neighbours of this machine, and until when (peer-caching.md §3, §5.4). A
// record names what its origin told of the object, and the digest of the service's own copy of it. It may be given
// away when the owner of the job found the file valid, or completed the job. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/text.h"
#include "base/time.h"
#include "core/job.h"
#include "core/rule.h"

namespace backhaul::core {

// Bits of PeerCachingFlags, with BITS's numbers.
namespace peer_caching {
inline constexpr std::uint32_t client = 1;  // neighbours may be asked for its files
inline constexpr std::uint32_t server = 2;  // its files may be kept, and given to neighbours
}  // namespace peer_caching

struct CacheRules {
  Rule<bool> enabled{.value = false};
  Rule<std::uint32_t> percent{.value = 1};  // of the file system that the cache lies on
  Rule<base::Microseconds> age{.value = std::chrono::hours(24) * 90};  // since it was used last

  std::uint64_t most_octets(std::uint64_t volume) const { return volume / 100 * percent.value; }
  bool operator==(const CacheRules&) const = default;
};

struct CacheRecord {
  std::uint64_t number = 0;  // in the order in which they were made
  base::RecordId id;         // and the name of the copy
  base::JobId job;           // that it was made of, in the queue or not
  std::uint32_t file = 0;    // of that job
  bool validated = false;    // it may be given away
  std::uint64_t remote_size = base::size_unknown;
  base::Text last_modified;  // as its origin wrote it; empty: not told
  base::Text etag;           // a strong one, or empty
  std::uint64_t size = 0;    // of the copy
  base::Text digest;         // of the copy, as core/digest.h writes it
  base::WallTime made{};
  base::WallTime accessed{};
  base::ServiceTime used{};  // `accessed` again, on the clock that its age goes by
  Wanted wanted;             // the copy has these ranges of the object
  base::Text url;

  bool operator==(const CacheRecord&) const = default;
};

// Asked for by GET, with the usual checks, and showing nobody anything of its owner.
bool asks_plainly(const Job& job);
// And by the way that everybody goes: as everybody asks, by nobody in particular.
bool asks_as_everybody(const Job& job);
// An address of a server, which names nobody.
bool is_for_everybody(std::string_view url);
// Whether files of this job are kept at all.
bool may_be_cached(const CacheRules& rules, const Job& job);
// Whether this one is: everybody would get it from its address as it is here, and can tell which version it is.
// `query_origins`: servers whose addresses may be shared although they have a query.
bool may_be_cached(const File& file, const std::vector<std::string>& query_origins);
// Likewise before it is here, when nobody can say yet what its bytes are known by.
bool may_become_cached(const File& file, const std::vector<std::string>& query_origins);
// What its bytes are known by, whoever could write to the part: the digest that was taken as they came, else the one
// that its server told. Of what came from a swarm, a proxy or a duplicate that one alone: the owner of a job may name his own torrent
// and his own digest, and so choose what comes. Neighbours and the site's cache are no choice of his. Empty: nobody can
// say.
std::string vouched_digest(const File& file);
// As it is made of a file that is here; the rest of it is the caller's.
CacheRecord cache_record(const File& file);
// Both are of the same bytes of the same version.
bool is_same_object(const CacheRecord& a, const CacheRecord& b);
// Both are of the same bytes of whatever version.
bool has_same_place(const CacheRecord& a, const CacheRecord& b);

enum class CacheVerdict : std::uint8_t { keep, offer, drop };
// What becomes of a record by the rows of its job and file; null: there is none any more.
CacheVerdict judge(const CacheRecord& record, const CacheRules& rules, const Job* job, const File* file);

bool is_too_old(base::ServiceTime used, const CacheRules& rules, base::ServiceTime now);

// All of them are in memory, however small their copies are.
inline constexpr std::size_t cache_records_max = 10'000;

struct CacheUse {
  base::RecordId id;
  std::uint64_t octets = 0;
  base::ServiceTime used{};
};
// Those that have to go so that the rest is no more than `most` octets, and not too many: what was used least recently
// comes first.
std::vector<base::RecordId> over_the_limit(std::vector<CacheUse> all, std::uint64_t most);

}  // namespace backhaul::core
