// SPDX-License-Identifier: Apache-2.0
// The sources of a site, which are asked for a file before its origin (peer-caching.md §8): their order, whether each of
// them is asked for this file, and what follows from a transfer that fails. Which version a file is, its origin alone
// says; what is found wrong is fetched from the next one, and is no error of the job. Pure.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/admit.h"
#include "core/job.h"
#include "core/neighbours.h"
#include "core/site_rules.h"

namespace backhaul::core {

enum class SiteSource : std::uint8_t {
  swarm,       // those that exchange the pieces of a torrent
  neighbours,  // machines that keep files (core/neighbours.h)
  cache_host,  // a cache in front of all origins
  proxy,       // shares what it fetches, without a digest of its own
  duplicate,   // none of the site: asked when the origin failed, by rules of its own (core/duplicates.h)
};
// In front of the origin.
inline constexpr std::array site_sources{
    SiteSource::swarm, SiteSource::neighbours, SiteSource::cache_host, SiteSource::proxy};

// By what it is known who sent some bytes (core::note_sender). A neighbour goes by its key.
std::string_view giver_of(SiteSource source);
SiteSource source_of(std::string_view giver);
// Who sent some of what is here of a file beside its origin: "neighbour", or as giver_of() says; each once.
std::vector<std::string> kinds_of_givers(const File& file);
// Some of what is here sent whoever is believed by a digest alone, also where colleagues are believed: a swarm, a proxy or
// a duplicate.
bool came_from_anybody(const File& file);
// For people: "the site's cache".
std::string_view name_of(SiteSource source);

// --- the addresses of a cache host ------------------------------------------------------------------

// The setting as a pattern: "https://cache.site" stands for "https://cache.site/{scheme}/{host}/{path}".
// E_INVALIDARG: it names no server, or not all of a file.
base::Result<std::string> cache_pattern(std::string_view setting);
// Where a cache of this pattern has the file of an address; empty: nowhere.
std::string cache_address(std::string_view pattern, std::string_view url);

// --- caches that are found --------------------------------------------------------------------------

// One that announced itself. All of it is the word of whoever is in the network: that it is one of the site, its
// certificate says, by this name and from the site's authority.
struct AnnouncedCache {
  std::string name;
  std::string host;  // an address of the network
  std::uint16_t port = 0;
  std::string path;  // of it, in front of the places of a file; empty: they are all

  auto operator<=>(const AnnouncedCache&) const = default;
};

inline constexpr std::string_view by_dns_sd = "dns-sd";
// Of the setting, "dns-sd" or "dns-sd:NAME": the name of the cache that is to be found, empty for any. Unset: it is no
// such setting. Names are of any case, and in lower case here.
std::optional<std::string> sought_cache(std::string_view setting);
bool is_name_of_cache(std::string_view name);
// They are looked for: it is laid down, and an authority of the site can say which are.
bool looks_for_caches(const Policy& policy);

struct Cache {
  std::string pattern;  // of its addresses; empty: there is none
  std::string place;    // "192.0.2.1:443", where it was found; empty: where its name leads

  bool operator==(const Cache&) const = default;
};
// By what it is known which one failed, and for people: "PATTERN at PLACE". Whoever announces the name of another one
// has another place.
std::string known_as(const Cache& cache);

using IsLeftAlone = std::function<bool(const Cache&)>;
// The one that is asked. Of several that are found, and of the places of one, every machine takes the same, so that it
// fetches a file once; the first that is not left alone, or the first where all are.
Cache cache_of(const Policy& policy, const std::vector<AnnouncedCache>& announced,
               const IsLeftAlone& is_left_alone = {});

// --- whether they are asked -------------------------------------------------------------------------

// Its first byte has to be here by then. Zero: it is not waited for at all.
base::Microseconds first_byte_within(SiteSource source, const SiteRules& rules, const Job& job);
inline constexpr base::Microseconds first_byte_usually = std::chrono::seconds(5);

// What an owner may name as the address of a torrent: http or https, and for everybody. Whether this machine may go
// there is asked when it would.
base::Result<void> check_torrent(std::string_view address);
// Of a file, as its owner names it, else as its origin `told`; empty: nobody names one.
std::string torrent_of(const File& file, const std::string& told);
// As why_not_asked and why_not_taken of neighbours; of a duplicate the first says all. `told`: where the origin says that a
// torrent of the file is.
NotAsked why_not_asked(SiteSource source, const Policy& policy, const std::vector<AnnouncedCache>& announced,
                       const Job& job, const File& file);
NotAsked why_not_taken(SiteSource source, const Policy& policy, const File& file, const std::string& told);
// Nothing proves what is here of it, now that it is whole.
bool is_unproven(const NeighbourRules& rules, const File& file);

// --- those that fail --------------------------------------------------------------------------------

inline constexpr base::Microseconds site_ban = std::chrono::minutes(15);
inline constexpr base::Microseconds not_there_for = std::chrono::hours(1);
inline constexpr std::size_t origins_remembered = 1024;
inline constexpr std::size_t bans_remembered = 1024;  // whoever announces more places than that means no good

// What is remembered of them, in memory alone. Whatever is announced meanwhile ends none of it.
struct SiteMemory {
  // Until when; a cache and the server of a duplicate by known_as(), and as banned_for() has it.
  std::map<std::string, base::BootTime> banned;
  std::map<std::string, base::BootTime> not_there;  // likewise; caches with an origin of which they have nothing

  bool operator==(const SiteMemory&) const = default;
};
// `cache`: where the source is a cache, which one; where it is a duplicate, its server as a pattern. `owner`: whose job it
// is.
NotAsked why_not_now(SiteSource source, const Cache& cache, const SiteMemory& memory, const File& file,
                     std::uint32_t owner, base::BootTime now);

enum class SourceFault : std::uint8_t {
  file,    // it does not give this file now
  origin,  // it has nothing of this server
  source,  // it does not work
};
SourceFault fault_of(SiteSource source, const base::Error& error);
// No swarm is banned: what is wrong of one is wrong of its torrent. `owner`: whose word alone says so; it holds for his
// jobs then.
void remember(SiteMemory& memory, SiteSource source, const Cache& cache, SourceFault fault, const File& file,
              base::BootTime now, std::optional<std::uint32_t> owner = {});

}  // namespace backhaul::core
