// SPDX-License-Identifier: Apache-2.0
// What the world allows a job, as a pure function of the job, the world, the policy and the time: it
// may transfer, or what it waits for. What is no value of these has no say.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/code.h"
#include "base/time.h"
#include "base/vocabulary.h"
#include "core/bandwidth.h"
#include "core/budget.h"
#include "core/cost.h"
#include "core/limits.h"
#include "core/neighbours.h"
#include "core/owner.h"
#include "core/peer_cache.h"
#include "core/policy_entry.h"
#include "core/request_rules.h"
#include "core/rule.h"
#include "core/site_rules.h"
#include "core/waiting.h"

namespace backhaul::core {

enum class Connectivity : std::uint8_t { unknown = 0, none = 1, portal = 2, limited = 3, full = 4 };

// What the services of the machine tell. One that is not there leaves its first value, which forbids
// nothing.
struct Surroundings {
  Connectivity connectivity = Connectivity::unknown;
  std::uint32_t cost = cost::unrestricted;  // states of the network
  std::string connection{};  // what NetworkManager calls it; empty: nobody says
  bool on_battery = false;
  bool power_saver = false;
  bool going_to_sleep = false;
  std::chrono::seconds utc_offset{};        // of the local time
  std::optional<std::set<std::uint32_t>> logged_on{};  // who has a session, or lingers; unset: nobody says

  bool operator==(const Surroundings&) const = default;
};

struct World {
  bool network_up = true;
  Surroundings around{};
  Route route{};
  std::shared_ptr<const Ledger> spent = std::make_shared<Ledger>();  // what came over each network

  bool operator==(const World&) const = default;
};

enum class PowerRule : std::uint8_t { run, foreground_only, pause };

// What an administrator or a user lays down (policies.md §2 to §4, §7).
struct Policy {
  // For each priority, of jobs whose owner did not set any.
  std::array<Rule<std::uint32_t>, 4> cost{{{.value = cost::not_roaming},
                                           {.value = cost::standard},
                                           {.value = cost::standard},
                                           {.value = cost::standard}}};
  Rule<PowerRule> on_battery{.value = PowerRule::run};
  Rule<PowerRule> on_power_saver{.value = PowerRule::foreground_only};
  Rule<bool> wait_for_login{.value = true};
  Rule<bool> only_while_logged_on{.value = false};  // as BITS has it
  std::array<Bandwidth, 2> bandwidth{};  // the machine's and the user's: both hold
  std::array<Budgets, 2> budgets{};      // likewise
  Limits limits{};
  CommandRules commands{};
  CacheRules cache{};
  NeighbourRules neighbours{};
  SiteRules site{};
  SharedRequestRules requests = no_request_rules();
  // All of it, and what is laid down besides, as it is told to people.
  std::shared_ptr<const PolicyList> list = std::make_shared<PolicyList>();

  // The clock on the wall decides.
  bool goes_by_hours() const { return limits_bandwidth() || has_budgets(); }
  bool has_budgets() const { return !budgets[0].empty() || !budgets[1].empty(); }
  bool limits_bandwidth() const { return !bandwidth[0].none() || !bandwidth[1].none(); }
  bool operator==(const Policy&) const = default;
};

struct Candidate {
  base::Priority priority = base::Priority::normal;
  std::uint32_t cost_flags = 0;  // 0: what the policy says
  std::string address{};         // of the file that comes next; empty: not known
  Owner owner{};
};

// What is in its way.
struct Bar {
  WaitingKind kind = WaitingKind::network;
  base::Code code = base::Code::BG_E_NETWORK_DISCONNECTED;  // of the job in TRANSIENT_ERROR
  std::string where{};                                      // the line of the settings that says so
  std::optional<base::WallTime> until{};                    // when it ends by itself
  std::string subject{};  // of a budget: what is used up; of a policy: the server

  bool operator==(const Bar&) const = default;
};

// BITS's rule, where the policy asks for it: a job of a person waits while that one is not logged on. Accounts of the
// system and of units always are.
bool is_logged_on(const Owner& owner, const Surroundings& around);

std::uint32_t cost_flags_in_force(const Candidate& candidate, const Policy& policy);

// Everything that forbids it, the first of which is told as the reason; none: it may transfer.
std::vector<Bar> bars(const Candidate& candidate, const World& world, const Policy& policy,
                      base::WallTime now);
std::optional<Bar> admit(const Candidate& candidate, const World& world, const Policy& policy,
                         base::WallTime now);
// For GetError: what it waits for, in few words.
std::string_view describe(WaitingKind bar);
// Codes that only a bar brings about: the end of it, and nothing else, ends them.
bool is_bar(base::Code code);

// This machine, and what can only be a machine of the own network: an address that is not routed
// beyond it, a name without a dot or in a domain of local names.
bool is_near(std::string_view host);

}  // namespace backhaul::core
