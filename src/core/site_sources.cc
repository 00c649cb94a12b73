// SPDX-License-Identifier: Apache-2.0
#include "core/site_sources.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "core/duplicates.h"
#include "core/hidden_users.h"
#include "core/http.h"
#include "core/judge.h"
#include "core/names.h"
#include "core/needed.h"
#include "core/origins.h"
#include "core/peer_cache.h"
#include "core/schedule.h"
#include "core/shown_url.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

using base::Code;

constexpr std::string_view scheme_place = "{scheme}";
constexpr std::string_view host_place = "{host}";
constexpr std::string_view path_place = "{path}";

base::Error no_pattern(std::string text) { return {Code::E_INVALIDARG, std::move(text)}; }

std::string replaced(std::string_view text, std::string_view place, std::string_view by) {
  std::string result;
  for (auto at = text.find(place); at != std::string_view::npos; at = text.find(place)) {
    result.append(text.substr(0, at)).append(by);
    text.remove_prefix(at + place.size());
  }
  return result.append(text);
}

// Of a path, written plainly or with %2e: it would lead to another place of the cache than is meant.
bool has_dot_segment(std::string_view path) {
  const std::string plain = replaced(to_lower(path.substr(0, path.find_first_of("?#"))), "%2e", ".");
  std::string_view left = plain;
  while (!left.empty()) {
    const std::string_view segment = left.substr(0, left.find('/'));
    if (segment == "." || segment == "..") return true;
    left.remove_prefix(std::min(segment.size() + 1, left.size()));
  }
  return false;
}

// "host", or "host:8443" where the port is not that of the scheme.
std::string host_in_cache(std::string_view url, std::string_view scheme) {
  std::string server = url_server(url);
  const std::string_view usual = scheme == "https" ? ":443" : ":80";
  if (server.ends_with(usual)) server.resize(server.size() - usual.size());
  return replaced(replaced(server, "[", "%5B"), "]", "%5D");
}

bool is_laid_down(SiteSource source, const Policy& policy) {
  switch (source) {
    case SiteSource::swarm: return policy.site.swarm.value;
    case SiteSource::neighbours: return policy.neighbours.client.value;
    case SiteSource::cache_host: return !policy.site.cache_host.value.empty();
    case SiteSource::proxy: return !policy.site.proxy.value.empty();
    case SiteSource::duplicate: return policy.site.duplicates.value;
  }
  std::unreachable();
}

// The address of a torrent may be told to whoever fetches it.
bool may_be_asked_for(const Policy& policy, const std::string& torrent) {
  return !torrent.empty() && is_for_everybody(torrent) && !refusal(policy.requests->origins, torrent) &&
         !has_secret_query(policy.neighbours.query_origins.value, torrent);
}

constexpr std::size_t name_max = 253;
constexpr std::size_t path_max = 200;

// What can stand in an address as it is, and leads nowhere else.
bool is_path_of_cache(std::string_view path) {
  if (path.empty()) return true;
  const auto fits = [](char c) { return is_alnum(c) || std::string_view("/-_.~").find(c) != std::string_view::npos; };
  return path.starts_with('/') && path.size() <= path_max && std::ranges::all_of(path, fits) && !has_dot_segment(path);
}

// One that only machines of its link can reach is none: its address holds the name of an interface of theirs.
bool is_usable(const AnnouncedCache& one) {
  const auto fits = [](char c) { return is_alnum(c) || c == '.' || c == ':'; };
  return is_name_of_cache(one.name) && is_path_of_cache(one.path) && one.port != 0 && !one.host.empty() &&
         std::ranges::all_of(one.host, fits);
}

// Somebody can say of a cache that was found that it is the site's.
bool can_vouch(const NeighbourRules& rules) {
  return rules.trust.value == NeighbourTrust::ca && !rules.authority.value.empty();
}

// IPv4 goes first, which everybody can use most surely.
auto place_in_line(const AnnouncedCache& one) {
  const bool six = one.host.find(':') != std::string::npos;
  return std::tuple(std::string_view(one.name), six, std::string_view(one.host), one.port, std::string_view(one.path));
}

Cache cache_at(const AnnouncedCache& one) {
  const std::string port = ":" + std::to_string(one.port);
  const bool bare = one.host.find(':') == std::string::npos;
  auto pattern = cache_pattern("https://" + one.name + port + one.path);
  if (!pattern) return {};
  return {.pattern = *std::move(pattern), .place = (bare ? one.host : "[" + one.host + "]") + port};
}

bool asks_to_come_later(unsigned status) { return status == 408 || status == 425 || status == 429; }

}  // namespace

std::string_view giver_of(SiteSource source) {
  switch (source) {
    case SiteSource::swarm: return "swarm";
    case SiteSource::neighbours: return "";
    case SiteSource::cache_host: return "cache-host";
    case SiteSource::proxy: return "site-proxy";
    case SiteSource::duplicate: return "duplicate";
  }
  std::unreachable();
}

SiteSource source_of(std::string_view giver) {
  for (const SiteSource source : {SiteSource::swarm, SiteSource::cache_host, SiteSource::proxy, SiteSource::duplicate})
    if (giver == giver_of(source)) return source;
  return SiteSource::neighbours;
}

std::vector<std::string> kinds_of_givers(const File& file) {
  std::vector<std::string> kinds;
  if (octets_from_neighbours(file) == 0) return kinds;
  for (const std::string& giver : givers(file)) {
    const SiteSource source = source_of(giver);
    std::string kind(source == SiteSource::neighbours ? "neighbour" : giver_of(source));
    if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(std::move(kind));
  }
  return kinds;
}

bool came_from_anybody(const File& file) {
  return octets_from_neighbours(file) != 0 && std::ranges::any_of(givers(file), [](const std::string& giver) {
    const SiteSource source = source_of(giver);
    return source != SiteSource::neighbours && source != SiteSource::cache_host;
  });
}

std::string_view name_of(SiteSource source) {
  switch (source) {
    case SiteSource::swarm: return "the swarm";
    case SiteSource::neighbours: return "a neighbour";
    case SiteSource::cache_host: return "the site's cache";
    case SiteSource::proxy: return "the site's proxy";
    case SiteSource::duplicate: return "a duplicate";
  }
  std::unreachable();
}

// --- the addresses of a cache host ------------------------------------------------------------------

base::Result<std::string> cache_pattern(std::string_view setting) {
  std::string pattern(setting);
  if (url_origin(pattern).empty()) return no_pattern("it is no http or https address of a server");
  if (names_user(pattern)) return no_pattern("it names a user, and nobody is told who asks");
  if (pattern.find_first_of("?#") != std::string::npos) return no_pattern("it has more than a path");
  if (pattern.find('{') == std::string::npos) {
    while (pattern.ends_with('/')) pattern.pop_back();
    pattern.append("/{scheme}/{host}/{path}");
  }
  for (const std::string_view place : {scheme_place, host_place, path_place})
    if (pattern.find(place) == std::string::npos)
      return no_pattern("it has no " + std::string(place) + ", without which two files have one address");
  if (!pattern.ends_with(path_place)) return no_pattern("it goes on behind {path}");
  return pattern;
}

std::string cache_address(std::string_view pattern, std::string_view url) {
  const std::string scheme = url_scheme(url);
  url = url.substr(0, url.find('#'));
  if (pattern.empty() || url_host(url).empty() || names_user(url)) return {};
  const auto authority = url.find("://") + 3;
  const auto begin = url.find_first_of("/?", authority);
  std::string_view path = begin == std::string_view::npos ? std::string_view() : url.substr(begin);
  if (path.starts_with('/')) path.remove_prefix(1);
  if (has_dot_segment(path)) return {};
  const std::string server = replaced(replaced(pattern, scheme_place, scheme), host_place, host_in_cache(url, scheme));
  return server.substr(0, server.rfind(path_place)) + std::string(path);
}

// --- caches that are found --------------------------------------------------------------------------

std::optional<std::string> sought_cache(std::string_view setting) {
  if (!setting.starts_with(by_dns_sd)) return std::nullopt;
  setting.remove_prefix(by_dns_sd.size());
  if (setting.empty()) return std::string();
  if (!setting.starts_with(':')) return std::nullopt;
  setting.remove_prefix(1);
  std::string name = to_lower(setting);
  if (name.ends_with('.')) name.pop_back();
  return is_name_of_cache(name) ? std::optional(std::move(name)) : std::nullopt;
}

bool is_name_of_cache(std::string_view name) {
  const auto fits = [](char c) { return (is_alnum(c) && (c < 'A' || c > 'Z')) || c == '.' || c == '-'; };
  return !name.empty() && name.size() <= name_max && is_alnum(name.front()) && is_alnum(name.back()) &&
         name.find("..") == std::string_view::npos && std::ranges::all_of(name, fits);
}

bool looks_for_caches(const Policy& policy) {
  return sought_cache(policy.site.cache_host.value) && can_vouch(policy.neighbours);
}

std::string known_as(const Cache& cache) {
  return cache.pattern + (cache.place.empty() ? std::string() : " at " + cache.place);
}

Cache cache_of(const Policy& policy, const std::vector<AnnouncedCache>& announced, const IsLeftAlone& is_left_alone) {
  const std::string& setting = policy.site.cache_host.value;
  const auto name = sought_cache(setting);
  if (!name) return {.pattern = setting, .place = {}};
  if (!can_vouch(policy.neighbours)) return {};
  std::vector<const AnnouncedCache*> line;
  for (const AnnouncedCache& one : announced)
    if (is_usable(one) && (name->empty() || one.name == *name)) line.push_back(&one);
  std::ranges::sort(line, {}, [](const AnnouncedCache* one) { return place_in_line(*one); });
  Cache first;
  for (const AnnouncedCache* one : line) {
    Cache cache = cache_at(*one);
    if (cache.pattern.empty()) continue;
    if (!is_left_alone || !is_left_alone(cache)) return cache;
    if (first.pattern.empty()) first = std::move(cache);
  }
  return first;
}

// --- whether they are asked -------------------------------------------------------------------------

base::Microseconds first_byte_within(SiteSource source, const SiteRules& rules, const Job& job) {
  const bool background = is_background(served_as(job));
  if (source == SiteSource::cache_host)
    return background ? rules.cache_host_wait.value : rules.cache_host_wait_foreground.value;
  return background ? first_byte_usually : base::Microseconds::zero();
}

NotAsked why_not_asked(SiteSource source, const Policy& policy, const std::vector<AnnouncedCache>& announced,
                       const Job& job, const File& file) {
  if (source == SiteSource::neighbours) return why_not_asked(policy.neighbours, job, file);
  if (source == SiteSource::duplicate) return why_no_duplicates(policy, job, file);
  if (!is_laid_down(source, policy)) return NotAsked::off;
  // Members of a swarm are other machines, as neighbours are; the others are there for everybody of the machine.
  const bool wanted = source != SiteSource::swarm || (job.rare->peer_caching_flags & peer_caching::client) != 0;
  if (!wanted) return NotAsked::job;
  if (first_byte_within(source, policy.site, job) == base::Microseconds::zero()) return NotAsked::foreground;
  const NotAsked why = why_not_shared(policy.neighbours, job, file);
  // A torrent is of the file, wherever that lies; all others know it by its one address.
  if (why != NotAsked::none || source == SiteSource::swarm) return why;
  if (file.rare->mirrors) return NotAsked::addresses;
  if (source != SiteSource::cache_host) return NotAsked::none;
  if (sought_cache(policy.site.cache_host.value) && !can_vouch(policy.neighbours)) return NotAsked::unvouched;
  const std::string pattern = cache_of(policy, announced).pattern;
  if (pattern.empty()) return NotAsked::nobody;
  return cache_address(pattern, file.remote).empty() ? NotAsked::address : NotAsked::none;
}

base::Result<void> check_torrent(std::string_view address) {
  BH_CHECK(check_remote(address));
  if (is_for_everybody(address)) return {};
  return base::Error(Code::E_INVALIDARG, "the torrent " + shown_url(address) +
                                             " lies on this machine, or its address names a user");
}

std::string torrent_of(const File& file, const std::string& told) {
  return file.rare->torrent ? *file.rare->torrent : told;
}

NotAsked why_not_taken(SiteSource source, const Policy& policy, const File& file, const std::string& told) {
  const NotAsked why = why_not_taken(policy.neighbours, file);
  if (why != NotAsked::none || source == SiteSource::neighbours || source == SiteSource::cache_host) return why;
  if (!is_held_against_digest(file)) return NotAsked::digest;
  const bool has_no_torrent = source == SiteSource::swarm && !may_be_asked_for(policy, torrent_of(file, told));
  return has_no_torrent ? NotAsked::torrent : NotAsked::none;
}

bool is_unproven(const NeighbourRules& rules, const File& file) {
  if (octets_from_neighbours(file) == 0 || is_held_against_digest(file)) return false;
  return rules.content_trust.value != ContentTrust::colleagues || came_from_anybody(file);
}

// --- those that fail --------------------------------------------------------------------------------

namespace {

std::string banned_as(SiteSource source, const Cache& cache) {
  if (source == SiteSource::cache_host) return known_as(cache);
  const std::string kind(giver_of(source));
  return source == SiteSource::duplicate ? kind + ' ' + known_as(cache) : kind;
}

// Where there are too many, the one that ends first makes room.
void remember_until(std::map<std::string, base::BootTime>& known, std::string key, std::size_t most,
                    base::BootTime now, base::Microseconds time) {
  std::erase_if(known, [&](const auto& one) { return one.second <= now; });
  const auto sooner = [](const auto& a, const auto& b) { return a.second < b.second; };
  if (known.size() >= most && !known.contains(key)) known.erase(std::ranges::min_element(known, sooner));
  known[std::move(key)] = now + time;
}

bool is_remembered(const std::map<std::string, base::BootTime>& known, const std::string& key, base::BootTime now) {
  const auto found = known.find(key);
  return found != known.end() && now < found->second;
}

std::string cache_with_origin(const Cache& cache, const File& file) {
  return known_as(cache) + ' ' + url_origin(file.remote);
}

}  // namespace

NotAsked why_not_now(SiteSource source, const Cache& cache, const SiteMemory& memory, const File& file,
                     std::uint32_t owner, base::BootTime now) {
  if (memory == SiteMemory()) return NotAsked::none;
  const std::string known = banned_as(source, cache);
  if (is_remembered(memory.banned, known, now) || is_remembered(memory.banned, banned_for(known, owner), now))
    return NotAsked::banned;
  if (source != SiteSource::cache_host) return NotAsked::none;
  return is_remembered(memory.not_there, cache_with_origin(cache, file), now) ? NotAsked::not_there : NotAsked::none;
}

SourceFault fault_of(SiteSource source, const base::Error& error) {
  if (source == SiteSource::swarm || classify(error.code) == ErrorClass::shortage) return SourceFault::file;
  if (error.code == Code::BG_E_REMOTE_FILE_CHANGED || error.code == Code::BG_E_INVALID_SERVER_RESPONSE)
    return SourceFault::file;
  if (!base::is_http_code(error.code)) return SourceFault::source;
  const unsigned status = base::http_status(error.code);
  // Who asks for time gets it of whoever has a file there.
  if (asks_to_come_later(status)) return source == SiteSource::duplicate ? SourceFault::source : SourceFault::file;
  if (status < 400) return SourceFault::file;
  if (status >= 500) return SourceFault::source;
  return source == SiteSource::cache_host ? SourceFault::origin : SourceFault::file;
}

void remember(SiteMemory& memory, SiteSource source, const Cache& cache, SourceFault fault, const File& file,
              base::BootTime now, std::optional<std::uint32_t> owner) {
  const std::string known = banned_as(source, cache);
  if (fault == SourceFault::source && source != SiteSource::swarm)
    remember_until(memory.banned, owner ? banned_for(known, *owner) : known, bans_remembered, now, site_ban);
  if (fault == SourceFault::origin)
    remember_until(memory.not_there, cache_with_origin(cache, file), origins_remembered, now, not_there_for);
}

}  // namespace backhaul::core
