// SPDX-License-Identifier: Apache-2.0
#include "core/peer_cache.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/digest.h"
#include "core/hidden_users.h"
#include "core/http.h"
#include "core/local_address.h"
#include "core/neighbours.h"
#include "core/site_sources.h"

namespace backhaul::core {

// What somebody was shown, or asked for in a way of his own, is nothing for others.
bool is_for_everybody(std::string_view url) { return !is_local_address(url) && !names_user(url); }

bool asks_plainly(const Job& job) {
  const RareOfJob& rare = *job.rare;
  return !rare.secrets && rare.http_method.is_usual() && rare.security_flags == 0 && !job.certificate_check;
}

bool asks_as_everybody(const Job& job) {
  const RareOfJob& rare = *job.rare;
  return rare.proxy == ProxySettings() && !rare.proxy_environment && asks_plainly(job);
}

bool may_be_cached(const CacheRules& rules, const Job& job) {
  const RareOfJob& rare = *job.rare;
  const bool whole_files = !rare.dynamic_content && !rare.on_demand_mode;
  return rules.enabled.value && (rare.peer_caching_flags & peer_caching::server) != 0 && asks_as_everybody(job) &&
         whole_files;
}

bool may_become_cached(const File& file, const std::vector<std::string>& query_origins) {
  // Where it lies at several addresses nobody can say which of them sent what.
  return is_recognisable(file) && !file.moved && !file.rare->mirrors &&
         is_for_everybody(file.remote) && !has_secret_query(query_origins, file.remote) &&
         (!came_from_anybody(file) || !vouched_digest(file).empty());
}

bool may_be_cached(const File& file, const std::vector<std::string>& query_origins) {
  return may_become_cached(file, query_origins) && !vouched_digest(file).empty();
}

// Not the one that its owner expects: he may have written to the part what fits it.
std::string vouched_digest(const File& file) {
  if (!file.rare->received.empty() && !came_from_anybody(file)) return "sha256:" + std::string(file.rare->received);
  return file.wanted.whole() ? std::string(file.remote_identity.digest) : std::string();
}

CacheRecord cache_record(const File& file) {
  CacheRecord record;
  record.job = file.job;
  record.file = file.index;
  record.remote_size = file.remote_identity.size;
  record.last_modified = file.remote_identity.last_modified;
  if (is_strong_etag(file.remote_identity.etag)) record.etag = file.remote_identity.etag;
  record.size = file.size();
  record.digest = vouched_digest(file);
  record.wanted = file.wanted;
  record.url = file.remote;
  return record;
}

bool has_same_place(const CacheRecord& a, const CacheRecord& b) { return a.url == b.url && a.wanted == b.wanted; }

bool is_same_object(const CacheRecord& a, const CacheRecord& b) {
  return has_same_place(a, b) && a.remote_size == b.remote_size && a.last_modified == b.last_modified &&
         a.etag == b.etag && a.digest == b.digest;
}

CacheVerdict judge(const CacheRecord& record, const CacheRules& rules, const Job* job, const File* file) {
  const bool ended = job == nullptr || base::is_final(job->state);
  if (file == nullptr) return record.validated ? CacheVerdict::keep : CacheVerdict::drop;
  // It is fetched again, or given up.
  if (file->state != FileState::transferred && file->state != FileState::completed) return CacheVerdict::drop;
  if (file->validated) return CacheVerdict::offer;
  // Somebody took his word back, or never gave it.
  if (record.validated || ended) return CacheVerdict::drop;
  return may_be_cached(rules, *job) ? CacheVerdict::keep : CacheVerdict::drop;
}

bool is_too_old(base::ServiceTime used, const CacheRules& rules, base::ServiceTime now) {
  return now - used >= rules.age.value;
}

std::vector<base::RecordId> over_the_limit(std::vector<CacheUse> all, std::uint64_t most) {
  std::uint64_t octets = 0;
  for (const CacheUse& one : all) octets += one.octets;
  std::ranges::sort(all, {}, [](const CacheUse& one) { return std::pair(one.used, one.id); });
  std::vector<base::RecordId> out;
  for (const CacheUse& one : all) {
    if (octets <= most && all.size() - out.size() <= cache_records_max) break;
    octets -= one.octets;
    out.push_back(one.id);
  }
  return out;
}

}  // namespace backhaul::core
