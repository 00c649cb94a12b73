// SPDX-License-Identifier: Apache-2.0
// Other machines of the site that keep files (peer-caching.md §5), and what is laid down about asking them and about
// giving to them. The address of an object never leaves this machine for them, only its digest. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "core/digest.h"
#include "core/job.h"
#include "core/rule.h"
#include "core/wanted.h"

namespace backhaul::core {

struct Neighbour {
  std::string key;   // who it is: SHA-256 of its public key, in lower-case hex
  std::string host;  // an address of the network, or a name
  std::uint16_t port = 0;
  std::string name;  // for people

  bool operator==(const Neighbour&) const = default;
};

enum class NeighbourTrust : std::uint8_t {
  list,   // the keys that the settings name
  ca,     // whoever has a certificate of the site's authority
  group,  // whoever proves that he has the secret of the group, and the keys that the settings name
};
// As settings and clients write it.
constexpr std::string_view to_word(NeighbourTrust trust) {
  switch (trust) {
    case NeighbourTrust::list: return "list";
    case NeighbourTrust::ca: return "ca";
    case NeighbourTrust::group: return "group";
  }
  return "";
}

enum class ContentTrust : std::uint8_t {
  digest,      // only what a digest is known of
  colleagues,  // whatever a trusted neighbour sends
};

struct NeighbourRules {
  Rule<bool> client{.value = false};  // neighbours are asked
  Rule<NeighbourTrust> trust{};
  Rule<ContentTrust> content_trust{};
  Rule<std::vector<Neighbour>> fixed{};   // StaticPeers; with `list` nobody else is trusted
  Rule<std::string> authority{};          // file with the certificates of the site's authority
  Rule<std::string> group_secret{.value = "/etc/backhaul/peer-group"};  // file with the secret of the group
  Rule<bool> discovery{.value = true};    // neighbours are looked for by DNS-SD, and this machine is announced
  Rule<std::vector<std::string>> query_origins{};  // as AllowedOrigins: addresses with a query there may be shared
  Rule<std::uint16_t> port{.value = 2178};
  Rule<base::Microseconds> pending_wait{.value = std::chrono::seconds(30)};  // zero: nobody waits for anybody
  // Serving.
  Rule<std::uint32_t> served_at_once{.value = 3};
  Rule<std::uint64_t> serve_bits_per_second{};  // 0: as `serve_percent` says
  Rule<std::uint32_t> serve_percent{.value = 30};  // of the slowest interface that is up

  bool operator==(const NeighbourRules&) const = default;
};

// What the neighbours are asked for; everything that is told has to be equal.
struct Sought {
  std::string url;  // stays here: neighbours see its SHA-256
  std::uint64_t size = 0;     // of the remote file
  std::string etag;           // a strong one, or empty
  std::string last_modified;  // as the origin wrote it, or empty
  Wanted wanted;

  bool operator==(const Sought&) const = default;
};

// What is fetched by this machine, or waited for, and not kept yet: neighbours that ask are told.
struct Coming {
  Sought sought;
  std::optional<std::uint64_t> offset;   // so far it is; unset: it waits as well

  bool operator==(const Coming&) const = default;
};

enum class NeighbourHas : std::uint8_t { nothing, all, coming, busy };

struct NeighbourAnswer {
  std::string key;
  NeighbourHas has = NeighbourHas::nothing;
  std::string address;  // all: of its copy, an https address by the host that was asked
  std::string rank;     // coming: the lowest one goes to the origin (ports::NeighboursAnswered)
  std::optional<std::uint64_t> offset;

  bool operator==(const NeighbourAnswer&) const = default;
};

// --- whether they are asked -------------------------------------------------------------------------

enum class NotAsked : std::uint8_t {
  none,         // they are asked
  off,          // the settings switch it off
  job,          // the job does not allow it
  foreground,   // somebody waits for it, and is not made to wait for neighbours
  own_way,      // it is asked for in a way of the job's own: its proxy, headers, method, secrets, certificates
  pieces,       // it is no file that others would have as it is here
  address,      // it is not of everybody
  query,        // likewise, and the settings do not name its server
  addresses,    // it lies at several addresses, or its owner gave it another one
  origin_only,  // a neighbour sent what it is not
  // Of the sources of a site (core/site_sources.h):
  nobody,       // there is none
  banned,       // it failed a while ago
  not_there,    // it has nothing of that server
  passed,       // it did not give it
  torrent,      // nobody names one of the file
  unvouched,    // it is to be found, and nobody could say that what is found is one of the site
  // As its origin tells:
  for_one,      // its answer was for whoever asked
  version,      // nothing that tells one version from another
  digest,       // no digest that bytes of a neighbour could be held against
};
// Its address has a query, which often is a key, and `query_origins` (as AllowedOrigins) does not name its server.
bool has_secret_query(const std::vector<std::string>& query_origins, std::string_view url);
// As far as it is known before the origin was asked what it has.
NotAsked why_not_asked(const NeighbourRules& rules, const Job& job, const File& file);
// Of that, what holds for every source but the origin, by the address that is in use.
NotAsked why_not_shared(const NeighbourRules& rules, const Job& job, const File& file);
// And by what it told.
NotAsked why_not_taken(const NeighbourRules& rules, const File& file);
bool may_ask_neighbours(const NeighbourRules& rules, const Job& job, const File& file);
// "it is in the foreground, and does not wait for them".
std::string_view describe(NotAsked why);
// All of it is held against a digest that is no neighbour's word, and strong enough to say what a file is.
bool is_held_against_digest(const File& file);
// One version of it can be told from another, and its answer was for everybody.
bool is_recognisable(const File& file);
// It is all of what its owner wants, and nobody reads it before it is here.
bool is_plain_file(const Job& job, const File& file);
// Of the size that its owner expects, as its origin tells it, and with all that is wanted of it in it.
bool is_as_expected(const File& file);
// What is here of it came from another address than it has now, or all of it is fetched again beside that.
bool goes_on_elsewhere(const File& file);

Sought sought_of(const File& file);

// --- whom, and what follows from their answers --------------------------------------------------------

using Draw = std::function<std::uint64_t()>;
using IsOut = std::function<bool(const std::string& key)>;

inline constexpr std::size_t asked_at_once = 10;
inline constexpr std::size_t asked_further_at_once = 30;
inline constexpr std::size_t asked_before_origin = 250;

inline constexpr base::Microseconds asked_again_after = std::chrono::seconds(1);
// Whoever is waited for is asked by all who wait, with a handshake each time: by no more than fifty a second.
base::Microseconds ask_again_after(std::size_t known);
inline constexpr base::Microseconds stands_still_after = std::chrono::seconds(10);

// Whom a file waits for.
struct NeighbourWait {
  struct Mark {
    std::uint64_t offset = 0;
    base::BootTime since{};

    bool operator==(const Mark&) const = default;
  };
  struct Reached {
    std::optional<std::uint64_t> offset;
    base::BootTime since{};
    std::optional<Mark> mark{};  // from where on its rate is taken

    bool operator==(const Reached&) const = default;
  };
  std::string key;
  std::map<std::string, Reached> reached;  // by key: what it told when it got further last
  std::set<std::string> passed;            // who was waited for in vain
  std::set<std::string> asked;             // since there was nobody to wait for, by key
  bool more = false;                       // others can be asked before the origin

  // It got no further since then.
  base::BootTime since() const {
    const auto known = reached.find(key);
    return known == reached.end() ? base::BootTime{} : known->second.since;
  }
  bool operator==(const NeighbourWait&) const = default;
};

// Whoever is waited for, and others at random. Where those that were asked before know nothing it goes on with the rest:
// in a large site ten of them seldom include the one that has the file, or fetches it.
std::vector<Neighbour> whom_to_ask(const std::vector<Neighbour>& all, const IsOut& is_out, NeighbourWait& wait,
                                   const Draw& draw);

struct NextSource {
  enum class Kind : std::uint8_t { origin, neighbour, wait, search };  // search: others are asked at once
  Kind kind = Kind::origin;
  std::vector<NeighbourAnswer> offers{};  // neighbour: in the order in which they are tried
};
// Who gets no further than this of a file in stands_still_after stands still; of a small one less is enough.
std::uint64_t least_step(std::uint64_t size);
// The pending rule: of machines that want the same and do not have it one goes to the origin. `own_rank` is empty where
// nobody would wait for this one. `size`: of the file; nobody is waited for who tells to be further. `origin_rate`: what
// its server gave this machine before, in octets a second (0: not known); nobody is waited for who has less than half of
// that for stands_still_after.
NextSource next_source(const std::vector<NeighbourAnswer>& answers, std::string_view own_rank, NeighbourWait& wait,
                       base::BootTime now, base::Microseconds pending_wait, std::uint64_t size, const Draw& draw,
                       std::uint64_t origin_rate = 0);

// --- liars --------------------------------------------------------------------------------------------

inline constexpr base::Microseconds neighbour_ban = std::chrono::hours(24);
using Bans = std::map<std::string, base::ServiceTime>;  // by key, or as banned_for() has it: until when
// What nothing but the word of an owner proves holds for his jobs alone.
std::string banned_for(const std::string& key, std::uint32_t owner);
// They are kept with the queue: so many, of which those that end last.
inline constexpr std::size_t bans_max = 1000;
// From now on; what is over is forgotten.
void ban(Bans& bans, const std::vector<std::string>& keys, base::ServiceTime now);
// As they were stored: without those that are over, and none for longer than it would be from now on.
Bans stored_bans(const Bans& bans, base::ServiceTime now);
// Until when jobs of this owner ask it for nothing; unset: it may be asked.
std::optional<base::ServiceTime> banned_until(const Bans& bans, const std::string& key, std::uint32_t owner,
                                              base::ServiceTime now);

// --- what came from them ------------------------------------------------------------------------------

// These bytes are stored now, and `key` sent them; empty: the origin did. Who sent them before has not.
void note_sender(File& file, const Extents& bytes, const std::string& key);
std::uint64_t octets_from_neighbours(const File& file);
std::uint64_t octets_from_origin(const File& file);
// Who sent some of it, one after the other.
std::vector<std::string> givers(const File& file);
// Who sent some of these bytes.
std::vector<std::string> givers(const File& file, const Extents& bytes);
// They sent some of these bytes.
bool gave(const File& file, const Extents& bytes);
// From the origin alone from now on.
void distrust_neighbours(File& file);

// What its origin itself says of all of its bytes; empty: nothing.
std::vector<Digest> digests_of_origin(const File& file);
// By that what is here is wrong, or right; `found` is of what is here. What the owner of a file expects of it is his
// own word, and proves nothing to anybody else.
bool is_denied_by_origin(const File& file, const std::vector<Digest>& found);
bool is_vouched_by_origin(const File& file, const std::vector<Digest>& found);
// Each costs a file all that it sent, and has it earlier than everybody who would have to fetch it first.
inline constexpr std::size_t liars_that_may_follow = 3;
// Some of a file was found wrong, as it was `before`, and so many neighbours lied about it by now. What a digest refuted
// it refutes again, so the others are asked; behind the verdict of an owner there is nothing that would.
bool is_for_origin_alone(const File& before, std::size_t liars);

}  // namespace backhaul::core
