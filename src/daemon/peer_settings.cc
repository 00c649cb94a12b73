// SPDX-License-Identifier: Apache-2.0
#include "daemon/peer_settings.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/origins.h"
#include "daemon/policy_rule.h"
#include "daemon/site_settings.h"

namespace backhaul::daemon {
namespace {

using core::ContentTrust;
using core::Neighbour;
using core::NeighbourRules;
using core::NeighbourTrust;

constexpr NumberRange cache_percent_range{1, 80};  // the rest is for everybody
constexpr NumberRange age_range{1, 120};
constexpr NumberRange served_range{1, 32};
constexpr NumberRange port_range{1, 65'535};
constexpr NumberRange wait_range{0, 3600};
constexpr NumberRange bits_range{8'000, 100'000'000'000};
constexpr NumberRange link_percent_range{1, 100};
constexpr std::size_t fingerprint_digits = 64;

// Without blanks around them.
std::vector<std::string> listed(std::string_view text, std::string_view between) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const auto end = text.find_first_of(between);
    std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (!one.empty()) all.emplace_back(one);
  }
  return all;
}

// As `openssl` and people write it: in either case, with colons between the octets or without.
std::optional<std::string> fingerprint_of(std::string_view text) {
  std::string key;
  for (const char c : text) {
    if (c == ':') continue;
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    if (!((lower >= '0' && lower <= '9') || (lower >= 'a' && lower <= 'f'))) return std::nullopt;
    key += lower;
  }
  if (key.size() != fingerprint_digits) return std::nullopt;
  return key;
}

bool is_host(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_' ||
           c == ':' || c == '%';
  });
}

// "host", "host:port", "[address]", "[address]:port".
bool take_place(Neighbour& neighbour, std::string_view text) {
  neighbour.port = NeighbourRules().port.value;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    neighbour.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return false;
  } else {
    const auto colon = text.find(':');
    if (colon != text.rfind(':')) return false;
    neighbour.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  neighbour.name = neighbour.host;
  if (!is_host(neighbour.host)) return false;
  if (port.empty()) return true;
  const auto number = number_of(port.substr(1));
  if (!number || port_range.nearest(*number) != *number) return false;
  neighbour.port = static_cast<std::uint16_t>(*number);
  return true;
}

// "place fingerprint"; or the fingerprint alone, of one whose place is found.
std::optional<Neighbour> neighbour_of(const std::string& text) {
  Neighbour neighbour;
  const auto blank = text.find(' ');
  const auto key = fingerprint_of(std::string_view(text).substr(blank == std::string::npos ? 0 : text.rfind(' ') + 1));
  if (!key) return std::nullopt;
  neighbour.key = *key;
  if (blank != std::string::npos && !take_place(neighbour, std::string_view(text).substr(0, blank))) return std::nullopt;
  return neighbour;
}

template <class Value>
bool is_part_of(const std::vector<Value>& mine, const std::vector<Value>& theirs) {
  return std::ranges::all_of(mine, [&](const Value& one) { return std::ranges::find(theirs, one) != theirs.end(); });
}

// Of one file: "/a/file:" of "/a/file:7".
std::string_view file_of(std::string_view where) { return where.substr(0, where.rfind(':') + 1); }

// A line holds two of them and no more, so further lines of the same file add to it.
PolicyVerdict set_fixed(NeighbourRules& rules, const NeighbourRules* machine, const PolicyLine& line) {
  std::vector<Neighbour> all;
  if (!line.value.empty() && !rules.fixed.where.empty() && file_of(rules.fixed.where) == file_of(line.where))
    all = rules.fixed.value;
  for (const std::string& text : listed(line.value, ",")) {
    const auto one = neighbour_of(text);
    if (!one) return not_a(line, fmt::format("'{}' is no host[:port] and the 64 hex digits of its key", text));
    all.push_back(*one);
  }
  return take(rules.fixed, machine == nullptr ? nullptr : &machine->fixed, std::optional(std::move(all)), {}, line,
              [](const auto& mine, const auto& theirs) { return is_part_of(mine, theirs); });
}

PolicyVerdict set_query_origins(NeighbourRules& rules, const NeighbourRules* machine, const PolicyLine& line) {
  if (auto patterns = core::parse_origins(line.value); !line.value.empty() && !patterns)
    return not_a(line, patterns.error().text);
  std::vector<std::string> all = line.value == "none" ? std::vector<std::string>() : listed(line.value, ", \t");
  return take(rules.query_origins, machine == nullptr ? nullptr : &machine->query_origins, std::optional(std::move(all)),
              {}, line, [](const auto& mine, const auto& theirs) { return is_part_of(mine, theirs); });
}

// One of two words; `is_tighter` as in take().
template <class Value, class IsTighter>
PolicyVerdict set_word(core::Rule<Value>& rule, const core::Rule<Value>* machine, Value built_in, const PolicyLine& line,
                       std::pair<std::string_view, Value> one, std::pair<std::string_view, Value> other,
                       const IsTighter& is_tighter) {
  std::optional<Value> value;
  for (const auto& [word, meant] : {one, other})
    if (line.value == word) value = meant;
  if (!line.value.empty() && !value) return not_a(line, fmt::format("neither {} nor {}", one.first, other.first));
  return take(rule, machine, value, built_in, line, is_tighter);
}

PolicyVerdict set_path(core::Rule<std::string>& rule, const core::Rule<std::string>* machine,
                       const std::string& built_in, const PolicyLine& line) {
  if (!line.value.empty() && !line.value.starts_with('/')) return not_a(line, "not an absolute path");
  return take(rule, machine, std::optional(std::string(line.value)), built_in, line,
              [](const std::string& mine, const std::string& theirs) { return mine == theirs; });
}

PolicyVerdict set_who_is_trusted(core::Rule<NeighbourTrust>& rule, const core::Rule<NeighbourTrust>* machine,
                                 const PolicyLine& line) {
  std::optional<NeighbourTrust> value;
  for (const NeighbourTrust one : {NeighbourTrust::list, NeighbourTrust::ca, NeighbourTrust::group})
    if (line.value == core::to_word(one)) value = one;
  if (!line.value.empty() && !value) return not_a(line, "not one of list, ca, group");
  return take(rule, machine, value, NeighbourRules().trust.value, line,
              [](NeighbourTrust mine, NeighbourTrust theirs) { return mine == theirs; });
}

// A share of a link and a number cannot be compared: a user says it as the machine does.
PolicyVerdict set_serve_rate(NeighbourRules& rules, const NeighbourRules* machine, const PolicyLine& line) {
  const NeighbourRules usual;
  const NeighbourRules& before = machine == nullptr ? usual : *machine;
  rules.serve_bits_per_second = before.serve_bits_per_second;
  rules.serve_percent = before.serve_percent;
  if (line.value.empty()) return {};
  const bool of_link = line.value.ends_with('%');
  const auto number = number_of(of_link ? line.value.substr(0, line.value.size() - 1) : line.value);
  if (!number) return not_a(line, "neither bits a second nor a share of a link like 30%");
  const NumberRange& range = of_link ? link_percent_range : bits_range;
  const auto taken = static_cast<std::uint64_t>(range.nearest(*number));
  const std::string& bound = of_link ? before.serve_percent.where : before.serve_bits_per_second.where;
  const std::string& other = of_link ? before.serve_bits_per_second.where : before.serve_percent.where;
  const std::uint64_t most = of_link ? before.serve_percent.value : before.serve_bits_per_second.value;
  if (!other.empty() || (!bound.empty() && taken > most))
    return {.error = {},
            .warning = fmt::format("{} = {} is looser than what the machine says at {}, or cannot be compared: that holds",
                                   line.key, line.value, other.empty() ? bound : other),
            .refused = true};
  if (of_link)
    rules.serve_percent = {static_cast<std::uint32_t>(taken), line.where};
  else
    rules.serve_bits_per_second = {taken, line.where};
  return used(line, range, taken != static_cast<std::uint64_t>(*number), std::to_string(taken) + (of_link ? "%" : ""));
}

template <class Value>
const core::Rule<Value>* of_machine(const NeighbourRules* machine, core::Rule<Value> NeighbourRules::*member) {
  return machine == nullptr ? nullptr : &(machine->*member);
}

PolicyVerdict set_trust(NeighbourRules& rules, const NeighbourRules* machine, const PolicyLine& line) {
  const NeighbourRules usual;
  if (line.key == "Trust")
    return set_who_is_trusted(rules.trust, of_machine(machine, &NeighbourRules::trust), line);
  if (line.key == "ContentTrust")
    return set_word(rules.content_trust, of_machine(machine, &NeighbourRules::content_trust), usual.content_trust.value,
                    line, {"digest", ContentTrust::digest}, {"colleagues", ContentTrust::colleagues},
                    [](ContentTrust mine, ContentTrust theirs) { return mine <= theirs; });
  if (line.key == "Discovery")
    return set_word(rules.discovery, of_machine(machine, &NeighbourRules::discovery), usual.discovery.value, line,
                    {"dns-sd", true}, {"static", false}, [](bool mine, bool theirs) { return theirs || !mine; });
  if (line.key == "StaticPeers") return set_fixed(rules, machine, line);
  if (line.key == "Authority")
    return set_path(rules.authority, of_machine(machine, &NeighbourRules::authority), usual.authority.value, line);
  if (line.key == "GroupSecret")
    return set_path(rules.group_secret, of_machine(machine, &NeighbourRules::group_secret), usual.group_secret.value,
                    line);
  if (line.key == "QueryOrigins") return set_query_origins(rules, machine, line);
  return {.known = false, .error = {}, .warning = {}};
}

PolicyVerdict set_number(core::Policy& policy, const core::Policy* machine, const PolicyLine& line) {
  NeighbourRules& rules = policy.neighbours;
  const NeighbourRules* bound = machine == nullptr ? nullptr : &machine->neighbours;
  const NeighbourRules usual;
  const auto small = [](std::int64_t number) { return static_cast<std::uint32_t>(number); };
  if (line.key == "CachePercent")
    return take_nearest(policy.cache.percent, machine == nullptr ? nullptr : &machine->cache.percent,
                        core::CacheRules().percent.value, cache_percent_range, line, small);
  if (line.key == "ContentAgeDays")
    return take_nearest(policy.cache.age, machine == nullptr ? nullptr : &machine->cache.age, core::CacheRules().age.value,
                        age_range, line, [](std::int64_t days) { return base::Microseconds(std::chrono::hours(24) * days); });
  if (line.key == "MaxServedClients")
    return take_nearest(rules.served_at_once, of_machine(bound, &NeighbourRules::served_at_once),
                        usual.served_at_once.value, served_range, line, small);
  if (line.key == "PendingWaitSec")
    return take_nearest(rules.pending_wait, of_machine(bound, &NeighbourRules::pending_wait), usual.pending_wait.value,
                        wait_range, line, [](std::int64_t seconds) { return base::Microseconds(std::chrono::seconds(seconds)); });
  if (line.key == "ServeBitsPerSec") return set_serve_rate(rules, bound, line);
  if (line.key != "Port") return {.known = false, .error = {}, .warning = {}};
  const auto number = number_of(line.value);
  if (!line.value.empty() && (!number || port_range.nearest(*number) != *number)) return not_a(line, "not a port from 1 to 65535");
  return take(rules.port, of_machine(bound, &NeighbourRules::port),
              std::optional(static_cast<std::uint16_t>(number.value_or(0))), usual.port.value, line,
              [](std::uint16_t mine, std::uint16_t theirs) { return mine == theirs; });
}

// The one that forbids it is the one to be named, and of those one that a file says: what nobody says a program may ask
// for otherwise.
core::Rule<bool> both(const core::Rule<bool>& one, const core::Rule<bool>& other) {
  for (const core::Rule<bool>* rule : {&one, &other})
    if (!rule->value && !rule->where.empty()) return *rule;
  if (!one.value || (other.value && other.where.empty())) return one;
  return other;
}

}  // namespace

PolicyVerdict set_peers(Settings& settings, const Settings* machine, const PolicyLine& line) {
  const PeerSwitches* bound = machine == nullptr ? nullptr : &machine->peers;
  const PeerSwitches usual;
  const auto take_one = [&](core::Rule<bool> PeerSwitches::*member) {
    return take_switch(settings.peers.*member, bound == nullptr ? nullptr : &(bound->*member), (usual.*member).value, false,
                       line);
  };
  if (line.key == "Enable") return take_one(&PeerSwitches::enable);
  if (line.key == "Client") return take_one(&PeerSwitches::client);
  if (line.key == "Server") return take_one(&PeerSwitches::server);
  core::Policy& policy = settings.policy;
  PolicyVerdict verdict = set_trust(policy.neighbours, machine == nullptr ? nullptr : &machine->policy.neighbours, line);
  if (!verdict.known) verdict = set_number(policy, machine == nullptr ? nullptr : &machine->policy, line);
  return verdict.known ? verdict : set_site(policy.site, machine == nullptr ? nullptr : &machine->policy.site, line);
}

void switch_peers(Settings& settings) {
  settings.policy.cache.enabled = both(settings.peers.enable, settings.peers.server);
  settings.policy.neighbours.client = both(settings.peers.enable, settings.peers.client);
}

}  // namespace backhaul::daemon
