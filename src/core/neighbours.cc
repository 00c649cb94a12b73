// SPDX-License-Identifier: Apache-2.0
#include "core/neighbours.h"

#include <algorithm>
#include <utility>

#include "core/demand.h"
#include "core/digest.h"
#include "core/http.h"
#include "core/mirrors.h"
#include "core/needed.h"
#include "core/origins.h"
#include "core/peer_cache.h"
#include "core/schedule.h"
#include "core/shares.h"

namespace backhaul::core {
namespace {

bool names_origin(const std::vector<std::string>& patterns, std::string_view url) {
  AllowedOrigins named;
  named.rules[0].where = "QueryOrigins";
  for (const std::string& pattern : patterns)
    if (auto parsed = parse_origins(pattern))
      named.rules[0].value.insert(named.rules[0].value.end(), parsed->begin(), parsed->end());
  return !refusal(named, url);
}

}  // namespace

bool has_secret_query(const std::vector<std::string>& query_origins, std::string_view url) {
  return url.find('?') != std::string_view::npos && !names_origin(query_origins, url);
}

namespace {

void shuffle(auto& all, const Draw& draw) {
  for (std::size_t left = all.size(); left > 1; --left) std::swap(all[left - 1], all[draw() % left]);
}

// The first so many are any of them; there may be hundreds, so the others are not touched.
void draw_first(auto& all, std::size_t count, const Draw& draw) {
  for (std::size_t i = 0; i < std::min(count, all.size()); ++i) std::swap(all[i], all[i + draw() % (all.size() - i)]);
}

}  // namespace

bool is_held_against_digest(const File& file) {
  if (file.rare->digests) return true;
  if (file.rare->expected && !file.rare->expected->pieces.empty()) {
    // SHA-1 tells which piece broke on its way, and nothing to whom wants to deceive.
    const auto pieces = pieces_of(file);
    return pieces && pieces->size.algorithm != DigestAlgorithm::sha1;
  }
  return file.wanted.whole() && file.remote_identity.encoding.empty() && !file.remote_identity.digest.empty();
}

bool is_recognisable(const File& file) {
  const RemoteIdentity& identity = file.remote_identity;
  return identity.size != base::size_unknown && !identity.for_one && !identity.version_untold && identity.encoding.empty() &&
         (is_strong_etag(identity.etag) || !identity.last_modified.empty());
}

bool is_plain_file(const Job& job, const File& file) {
  return !job.rare->dynamic_content && !job.rare->on_demand_mode && !file.rare->demand;
}

bool is_as_expected(const File& file) {
  const std::uint64_t size = file.remote_identity.size;
  const auto& expected = file.rare->expected;
  return (!expected || expected->size == base::size_unknown || expected->size == size) && file.wanted.fits(size);
}

bool goes_on_elsewhere(const File& file) {
  return file.moved || file.rare->led_away || (file.rare->fresh && file.rare->fresh->offset != 0);
}

NotAsked why_not_asked(const NeighbourRules& rules, const Job& job, const File& file) {
  if (!rules.client.value) return NotAsked::off;
  if ((job.rare->peer_caching_flags & peer_caching::client) == 0) return NotAsked::job;
  if (!is_background(served_as(job))) return NotAsked::foreground;
  const NotAsked why = why_not_shared(rules, job, file);
  return why == NotAsked::none && file.rare->mirrors ? NotAsked::addresses : why;
}

NotAsked why_not_shared(const NeighbourRules& rules, const Job& job, const File& file) {
  const RareOfFile& rare = *file.rare;
  if (rare.neighbours->origin_only) return NotAsked::origin_only;
  if (!asks_as_everybody(job)) return NotAsked::own_way;
  if (!is_plain_file(job, file)) return NotAsked::pieces;
  if (goes_on_elsewhere(file)) return NotAsked::addresses;
  if (!is_for_everybody(address(file))) return NotAsked::address;
  if (has_secret_query(rules.query_origins.value, address(file))) return NotAsked::query;
  return NotAsked::none;
}

NotAsked why_not_taken(const NeighbourRules& rules, const File& file) {
  if (file.remote_identity.for_one) return NotAsked::for_one;
  if (!is_recognisable(file) || !is_as_expected(file)) return NotAsked::version;
  if (!is_held_against_digest(file) && rules.content_trust.value != ContentTrust::colleagues) return NotAsked::digest;
  return NotAsked::none;
}

bool may_ask_neighbours(const NeighbourRules& rules, const Job& job, const File& file) {
  return why_not_asked(rules, job, file) == NotAsked::none && why_not_taken(rules, file) == NotAsked::none;
}

std::string_view describe(NotAsked why) {
  switch (why) {
    case NotAsked::none: return "they are asked";
    case NotAsked::off: return "the settings do not switch it on";
    case NotAsked::job: return "the job does not allow it";
    case NotAsked::foreground: return "it is in the foreground, and does not wait for them";
    case NotAsked::own_way: return "it is asked for with a proxy, headers, secrets, a method or certificates of its own";
    case NotAsked::pieces: return "it is read as it comes, or is another file each time";
    case NotAsked::address: return "its address names a user, or no server";
    case NotAsked::query: return "its address has a query, and the settings do not name its server for that";
    case NotAsked::addresses: return "it has several addresses, or another one than what is here of it came from";
    case NotAsked::origin_only: return "what one of them sent was not valid";
    case NotAsked::nobody: return "none is known";
    case NotAsked::banned: return "it failed, and is left alone for a quarter of an hour";
    case NotAsked::not_there: return "it has nothing of that server";
    case NotAsked::passed: return "it was asked, and did not give it";
    case NotAsked::torrent: return "nobody names a torrent of it";
    case NotAsked::unvouched:
      return "it is to be found by DNS-SD, which takes Trust = ca and the Authority that vouches for it";
    case NotAsked::for_one: return "the answer of its server is for whoever asks";
    case NotAsked::version: return "its server does not tell which version it is";
    case NotAsked::digest: return "there is no digest of it, and the settings take nothing without one";
  }
  std::unreachable();
}

Sought sought_of(const File& file) {
  const RemoteIdentity& identity = file.remote_identity;
  return {.url = std::string(file.remote),
          .size = identity.size,
          .etag = is_strong_etag(identity.etag) ? std::string(identity.etag) : std::string(),
          .last_modified = std::string(identity.last_modified),
          .wanted = file.wanted};
}

std::vector<Neighbour> whom_to_ask(const std::vector<Neighbour>& all, const IsOut& is_out, NeighbourWait& wait,
                                   const Draw& draw) {
  // What all of them said was never heard: that search was given up.
  if (std::ranges::all_of(all, [&](const Neighbour& one) { return wait.asked.contains(one.key) || is_out(one.key); }))
    wait.asked.clear();
  const std::size_t most = wait.asked.empty() ? asked_at_once : asked_further_at_once;
  std::vector<Neighbour> some;
  std::vector<const Neighbour*> others;
  for (const Neighbour& one : all) {
    if (is_out(one.key)) continue;
    if (one.key == wait.key)
      some.push_back(one);
    else if (!wait.asked.contains(one.key))
      others.push_back(&one);
  }
  const std::size_t count = std::min(others.size(), most - some.size());
  draw_first(others, count, draw);
  for (std::size_t i = 0; i < count; ++i) some.push_back(*others[i]);
  for (const Neighbour& one : some) wait.asked.insert(one.key);
  wait.more = count < others.size() && wait.asked.size() < asked_before_origin;
  return some;
}

namespace {

// Nothing: nobody is worth a wait, or this machine comes first.
const NeighbourAnswer* leader_of(const std::vector<NeighbourAnswer>& answers, std::string_view own_rank,
                                 const std::set<std::string>& passed) {
  const NeighbourAnswer* busy = nullptr;     // it has the file, and gives it to others
  const NeighbourAnswer* fetching = nullptr;
  const NeighbourAnswer* waiting = nullptr;
  const auto first = [](const NeighbourAnswer*& best, const NeighbourAnswer& one) {
    if (best == nullptr || std::pair(one.rank, one.key) < std::pair(best->rank, best->key)) best = &one;
  };
  for (const NeighbourAnswer& one : answers) {
    if (passed.contains(one.key)) continue;
    if (one.has == NeighbourHas::busy) first(busy, one);
    if (one.has == NeighbourHas::coming) first(one.offset ? fetching : waiting, one);
  }
  if (busy != nullptr) return busy;
  if (fetching != nullptr) return fetching;
  return waiting != nullptr && (own_rank.empty() || waiting->rank < own_rank) ? waiting : nullptr;
}

// Looked at every ten seconds, so that one who was fast at first is found slow as well.
bool is_crawling(NeighbourWait::Reached& reached, const NeighbourAnswer& leader, base::BootTime now,
                 std::uint64_t origin_rate) {
  if (!leader.offset || origin_rate == 0) return false;
  const NeighbourWait::Mark here{*leader.offset, now};
  const NeighbourWait::Mark before = reached.mark.value_or(here);
  if (reached.mark && now - before.since < stands_still_after) return false;
  reached.mark = here;
  const std::uint64_t brought = here.offset - std::min(here.offset, before.offset);
  const double seconds = std::chrono::duration<double>(now - before.since).count();
  return 2 * static_cast<double>(brought) < static_cast<double>(origin_rate) * seconds;
}

}  // namespace

std::uint64_t least_step(std::uint64_t size) {
  constexpr std::uint64_t usual = 10 * 16 * 1024;
  return std::clamp<std::uint64_t>(size / 256, 1, usual);
}

base::Microseconds ask_again_after(std::size_t known) {
  constexpr std::int64_t asking_a_second = 50;
  return std::max(asked_again_after, asked_again_after * static_cast<std::int64_t>(known) / asking_a_second);
}

NextSource next_source(const std::vector<NeighbourAnswer>& answers, std::string_view own_rank, NeighbourWait& wait,
                       base::BootTime now, base::Microseconds pending_wait, std::uint64_t size, const Draw& draw,
                       std::uint64_t origin_rate) {
  NextSource next;
  for (const NeighbourAnswer& one : answers)
    if (one.has == NeighbourHas::all) next.offers.push_back(one);
  shuffle(next.offers, draw);
  if (!next.offers.empty()) {
    next.kind = NextSource::Kind::neighbour;
    return next;
  }
  if (pending_wait == base::Microseconds::zero()) return next;
  while (const NeighbourAnswer* leader = leader_of(answers, own_rank, wait.passed)) {
    const auto [known, fresh] = wait.reached.try_emplace(leader->key, leader->offset, now);
    NeighbourWait::Reached& reached = known->second;
    const bool begins = leader->offset && !reached.offset;
    const bool goes_on = leader->offset && reached.offset && *leader->offset <= size &&
                         *leader->offset >= *reached.offset + least_step(size);
    if (!fresh && (begins || goes_on)) {
      reached.offset = leader->offset;
      reached.since = now;
    }
    wait.key = leader->key;
    const bool crawls = is_crawling(reached, *leader, now, origin_rate);
    if (!crawls && now - reached.since < (leader->offset ? stands_still_after : pending_wait)) {
      next.kind = NextSource::Kind::wait;
      wait.asked.clear();
      return next;
    }
    wait.passed.insert(leader->key);
  }
  if (wait.more) next.kind = NextSource::Kind::search;
  return next;
}

void ban(Bans& bans, const std::vector<std::string>& keys, base::ServiceTime now) {
  std::erase_if(bans, [&](const auto& one) { return one.second <= now; });
  for (const std::string& key : keys) bans[key] = now + neighbour_ban;
  const auto sooner = [](const auto& a, const auto& b) { return a.second < b.second; };
  while (bans.size() > bans_max) bans.erase(std::ranges::min_element(bans, sooner));
}

Bans stored_bans(const Bans& bans, base::ServiceTime now) {
  Bans kept;
  for (const auto& [key, until] : bans)
    if (!key.empty() && until > now) kept[key] = std::min(until, now + neighbour_ban);
  return kept;
}

std::string banned_for(const std::string& key, std::uint32_t owner) { return key + ' ' + std::to_string(owner); }

std::optional<base::ServiceTime> banned_until(const Bans& bans, const std::string& key, std::uint32_t owner,
                                              base::ServiceTime now) {
  std::optional<base::ServiceTime> until;
  if (bans.empty()) return until;
  for (const std::string& banned : {key, banned_for(key, owner)})
    if (const auto found = bans.find(banned); found != bans.end() && now < found->second)
      until = std::max(until.value_or(found->second), found->second);
  return until;
}

namespace {

struct Giver {
  std::string key;
  Extents octets;
};

// In a row: "KEY:0-100,300-400", with a blank between them. Whatever cannot be read is anybody's.
std::vector<Giver> read_givers(const FileNeighbours& known) {
  std::vector<Giver> all;
  std::string_view left = known.givers;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(' '), left.size());
    const std::string_view one = left.substr(0, end);
    const std::size_t colon = std::min(one.find(':'), one.size());
    Giver giver{.key = std::string(one.substr(0, colon)), .octets = {}};
    const auto bytes = parse_asked(one.substr(std::min(colon + 1, one.size())));
    for (const Extent& extent : bytes.value_or(std::vector<Extent>()))
      if (extent.end <= bytes_max) giver.octets.add(extent);
    if (giver.octets.empty()) giver.octets = known.octets;
    all.push_back(std::move(giver));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return all;
}

std::string givers_text(const std::vector<Giver>& all) {
  std::string text;
  for (const Giver& one : all)
    if (!one.octets.empty()) text += (text.empty() ? "" : " ") + one.key + ":" + text_of(one.octets.list());
  return text;
}

}  // namespace

std::vector<std::string> givers(const File& file) {
  std::vector<std::string> keys;
  for (Giver& one : read_givers(*file.rare->neighbours)) keys.push_back(std::move(one.key));
  return keys;
}

std::vector<std::string> givers(const File& file, const Extents& bytes) {
  std::vector<std::string> keys;
  for (Giver& one : read_givers(*file.rare->neighbours))
    if (!one.octets.common(bytes).empty()) keys.push_back(std::move(one.key));
  return keys;
}

void note_sender(File& file, const Extents& bytes, const std::string& key) {
  if (bytes.empty() || (key.empty() && file.rare->neighbours->octets.empty())) return;
  FileNeighbours known = *file.rare->neighbours;
  std::vector<Giver> all = read_givers(known);
  for (Giver& one : all) one.octets = one.octets.without(bytes);
  known.octets = known.octets.without(bytes);
  if (!key.empty()) {
    known.octets.add(bytes);
    const auto giver = std::ranges::find(all, key, &Giver::key);
    if (giver == all.end())
      all.push_back({key, bytes});
    else
      giver->octets.add(bytes);
  }
  known.givers = givers_text(all);
  file.rare.set(&RareOfFile::neighbours, std::move(known));
}

std::uint64_t octets_from_neighbours(const File& file) {
  return file.rare->neighbours->octets.common(file.stored).total();
}

std::uint64_t octets_from_origin(const File& file) { return file.stored.total() - octets_from_neighbours(file); }

bool gave(const File& file, const Extents& bytes) {
  return !file.rare->neighbours->octets.common(file.stored).common(bytes).empty();
}

bool is_for_origin_alone(const File& before, std::size_t liars) {
  return before.state != FileState::waiting || liars >= liars_that_may_follow;
}

void distrust_neighbours(File& file) {
  FileNeighbours known = *file.rare->neighbours;
  known.origin_only = true;
  file.rare.set(&RareOfFile::neighbours, std::move(known));
}

// Of a coding that nobody asked for servers differ about which bytes they mean.
std::vector<Digest> digests_of_origin(const File& file) {
  if (!file.wanted.whole() || !file.remote_identity.encoding.empty()) return {};
  return parse_digest_list(file.remote_identity.digest);
}

bool is_denied_by_origin(const File& file, const std::vector<Digest>& found) {
  return denied(digests_of_origin(file), found) != nullptr;
}

bool is_vouched_by_origin(const File& file, const std::vector<Digest>& found) {
  const std::vector<Digest> told = digests_of_origin(file);
  return denied(told, found) == nullptr &&
         std::ranges::any_of(told, [&](const Digest& one) { return std::ranges::find(found, one) != found.end(); });
}

}  // namespace backhaul::core
