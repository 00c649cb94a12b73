// SPDX-License-Identifier: Apache-2.0
#include "core/admit.h"

#include <charconv>
#include <cstddef>

#include "core/account.h"
#include "core/http.h"

namespace backhaul::core {
namespace {

using base::Code;

bool forbids(PowerRule rule, base::Priority priority) {
  return rule == PowerRule::pause ||
         (rule == PowerRule::foreground_only && priority != base::Priority::foreground);
}

// A name has no digits behind its last dot, or it would be an address.
std::optional<std::array<unsigned, 4>> ipv4(std::string_view text) {
  std::array<unsigned, 4> parts{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto [stop, problem] = std::from_chars(at, end, parts[i]);
    if (problem != std::errc() || parts[i] > 255) return std::nullopt;
    at = stop;
  }
  return at == end ? std::optional(parts) : std::nullopt;
}

// RFC 1918, RFC 6598 and link-local addresses.
bool is_near_quad(const std::array<unsigned, 4>& quad) {
  return quad[0] == 10 || (quad[0] == 172 && quad[1] >= 16 && quad[1] <= 31) ||
         (quad[0] == 192 && quad[1] == 168) || (quad[0] == 169 && quad[1] == 254) ||
         (quad[0] == 100 && quad[1] >= 64 && quad[1] <= 127);
}

// fc00::/7 and fe80::/10.
bool is_near_ipv6(std::string_view host) {
  constexpr std::string_view mapped = "::ffff:";
  if (host == "::") return true;  // this machine
  if (host.starts_with(mapped)) {
    const auto quad = ipv4(host.substr(mapped.size()));
    return !quad || is_near_quad(*quad);  // written in hexadecimal: nobody needs that
  }
  unsigned first = 0;
  const auto [stop, problem] = std::from_chars(host.data(), host.data() + host.size(), first, 16);
  if (problem != std::errc() || stop == host.data() + host.size() || *stop != ':') return false;
  return (first & 0xFE00U) == 0xFC00U || (first & 0xFFC0U) == 0xFE80U;
}

// A limit of 0, which may end with the next full hour.
std::optional<Bar> bandwidth_bar(const Candidate& candidate, std::string_view host, const World& world,
                                 const Policy& policy, base::WallTime now) {
  const base::WallTime local = now + world.around.utc_offset;
  for (const Bandwidth& bandwidth : policy.bandwidth) {
    if (bandwidth.ignore_on_lan && !host.empty() && is_near(host)) continue;
    const BandwidthNow held = bandwidth_at(bandwidth, candidate.priority, local);
    if (held.kilobits != 0U) continue;
    Bar bar{WaitingKind::bandwidth, Code::BG_E_BLOCKED_BY_POLICY, held.where, {}, {}};
    if (held.hours_left) bar.until = next_hour(local) + *held.hours_left - world.around.utc_offset;
    return bar;
  }
  return std::nullopt;
}

// What may come over this network is used up, until the period ends.
std::optional<Bar> budget_bar(const Candidate& candidate, const World& world, const Policy& policy,
                              base::WallTime now) {
  const std::string& connection = world.around.connection;
  for (const Budgets& budgets : policy.budgets) {
    const Budget* budget = budget_for(budgets, connection, world.route);
    if (budget == nullptr || budget->none()) continue;
    if (candidate.priority == base::Priority::foreground && !budget->holds_foreground) continue;
    const BudgetStatus status = status_of(*budget, network_name(connection, world.route), *world.spent,
                                          candidate.owner, now, world.around.utc_offset);
    if (!status.is_used_up()) continue;
    return Bar{WaitingKind::budget, Code::BG_E_BLOCKED_BY_POLICY, budget->where, status.until, describe(status)};
  }
  return std::nullopt;
}

}  // namespace

bool is_near(std::string_view host) {
  if (host.empty() || is_loopback_host(host)) return true;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.find(':') != std::string_view::npos) return is_near_ipv6(host);
  if (const auto quad = ipv4(host)) return is_near_quad(*quad);
  if (host.find('.') == std::string_view::npos) return true;
  for (const std::string_view domain : {".local", ".lan", ".home", ".internal", ".intranet",
                                        ".home.arpa", ".localdomain", ".corp"})
    if (host.ends_with(domain)) return true;
  return false;
}

bool is_logged_on(const Owner& owner, const Surroundings& around) {
  constexpr std::uint32_t first_of_people = 1000;  // Debian's and the LSB's border of system users
  if (!around.logged_on || owner.uid < first_of_people || is_unit(account_of(owner))) return true;
  return around.logged_on->contains(owner.uid);
}

std::uint32_t cost_flags_in_force(const Candidate& candidate, const Policy& policy) {
  if (candidate.cost_flags != 0) return candidate.cost_flags;
  return policy.cost[static_cast<std::size_t>(candidate.priority)].value;
}

std::vector<Bar> bars(const Candidate& candidate, const World& world, const Policy& policy,
                      base::WallTime now) {
  const Surroundings& around = world.around;
  const std::string host = url_host(candidate.address);
  // What is copied on this machine uses no network.
  const bool local_copy = host.empty() && !candidate.address.empty();
  std::vector<Bar> found;
  const auto add = [&found](bool holds, WaitingKind kind, Code code, const std::string& where = {}) {
    if (holds) found.push_back({kind, code, where, {}, {}});
  };
  add(around.going_to_sleep, WaitingKind::sleep, Code::BG_E_STANDBY_MODE);
  add(!world.network_up && !host.empty() && !is_loopback_host(host), WaitingKind::network,
      Code::BG_E_NETWORK_DISCONNECTED);
  add(policy.only_while_logged_on.value && !is_logged_on(candidate.owner, around), WaitingKind::logon,
      Code::BG_E_BLOCKED_BY_POLICY, policy.only_while_logged_on.where);
  add(around.connectivity == Connectivity::portal && policy.wait_for_login.value && !is_near(host),
      WaitingKind::login, Code::BG_E_NETWORK_DISCONNECTED, policy.wait_for_login.where);
  add(!local_copy && !cost::allows(cost_flags_in_force(candidate, policy), around.cost),
      WaitingKind::cost, Code::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY,
      candidate.cost_flags == 0 ? policy.cost[static_cast<std::size_t>(candidate.priority)].where
                                : std::string());
  add(around.on_battery && forbids(policy.on_battery.value, candidate.priority),
      WaitingKind::battery, Code::BG_E_BLOCKED_BY_BATTERY_POLICY, policy.on_battery.where);
  add(around.power_saver && forbids(policy.on_power_saver.value, candidate.priority),
      WaitingKind::power_saver, Code::BG_E_BLOCKED_BY_BATTERY_SAVER, policy.on_power_saver.where);
  if (auto refused = refusal(policy.requests->origins, candidate.address))
    found.push_back({WaitingKind::policy, Code::BG_E_BLOCKED_BY_POLICY, refused->where, {}, refused->host});
  if (!local_copy)
    if (auto bar = bandwidth_bar(candidate, host, world, policy, now)) found.push_back(*std::move(bar));
  if (!is_near(host))
    if (auto bar = budget_bar(candidate, world, policy, now)) found.push_back(*std::move(bar));
  return found;
}

std::optional<Bar> admit(const Candidate& candidate, const World& world, const Policy& policy,
                         base::WallTime now) {
  std::vector<Bar> found = bars(candidate, world, policy, now);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::string_view describe(WaitingKind bar) {
  switch (bar) {
    case WaitingKind::sleep: return "the machine goes to sleep";
    case WaitingKind::network: return "there is no network";
    case WaitingKind::login: return "the network wants somebody to log in";
    case WaitingKind::logon: return "its owner is not logged on";
    case WaitingKind::ticket: return "the service of the machine has no ticket of its owner's session";
    case WaitingKind::cost: return "the network costs more than the job may";
    case WaitingKind::battery: return "the machine runs on battery";
    case WaitingKind::power_saver: return "the machine saves power";
    case WaitingKind::bandwidth: return "the bandwidth schedule leaves nothing";
    case WaitingKind::policy: return "the settings let no job fetch from its server";
    case WaitingKind::budget: return "the data budget of the network is used up";
    case WaitingKind::account: return "the unit that it belongs to does not run";
    default: return "the job may not transfer now";
  }
}

bool is_bar(Code code) {
  switch (code) {
    case Code::BG_E_NETWORK_DISCONNECTED:
    case Code::BG_E_STANDBY_MODE:
    case Code::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY:
    case Code::BG_E_BLOCKED_BY_BATTERY_POLICY:
    case Code::BG_E_BLOCKED_BY_BATTERY_SAVER:
    case Code::BG_E_BLOCKED_BY_POLICY: return true;
    default: return false;
  }
}

}  // namespace backhaul::core
