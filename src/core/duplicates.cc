// SPDX-License-Identifier: Apache-2.0
#include "core/duplicates.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/http.h"
#include "core/mirrors.h"
#include "core/names.h"
#include "core/peer_cache.h"

namespace backhaul::core {
namespace {

// Its own addresses have failed already where a duplicate is asked.
bool is_known(const File& file, std::string_view address) {
  bool known = false;
  each_address(file, [&](std::uint32_t, std::string_view one) { known = known || one == address; });
  return known;
}

bool is_as_public(std::string_view address, std::string_view origin) {
  if (url_scheme(origin) == "https" && url_scheme(address) != "https") return false;
  return !is_near(url_host(address)) || is_near(url_host(origin));
}

}  // namespace

NotAsked why_no_duplicates(const Policy& policy, const Job& job, const File& file) {
  if (!policy.site.duplicates.value) return NotAsked::off;
  if (file.rare->neighbours->origin_only) return NotAsked::origin_only;
  if (!asks_plainly(job)) return NotAsked::own_way;
  if (!is_plain_file(job, file)) return NotAsked::pieces;
  if (goes_on_elsewhere(file)) return NotAsked::addresses;
  if (!is_for_everybody(address(file))) return NotAsked::address;
  if (file.remote_identity.size == base::size_unknown || !is_as_expected(file)) return NotAsked::version;
  return is_held_against_digest(file) ? NotAsked::none : NotAsked::digest;
}

Rare<std::string> kept_duplicates(const Policy& policy, const Job& job, const File& file,
                                  const std::vector<std::string>& named) {
  if (why_no_duplicates(policy, job, file) != NotAsked::none) return {};
  std::vector<std::string> kept;
  for (const std::string& one : named) {
    if (kept.size() == duplicates_max) break;
    if (one.size() > duplicate_octets_max || !check_remote(one) || !is_for_everybody(one)) continue;
    if (is_known(file, one) || !is_as_public(one, address(file))) continue;
    if (std::ranges::find(kept, one) == kept.end()) kept.push_back(one);
  }
  std::string lines;
  for (const std::string& one : kept) append_line(lines, one);
  return lines.empty() ? Rare<std::string>() : Rare<std::string>(std::move(lines));
}

}  // namespace backhaul::core
