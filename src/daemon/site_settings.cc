// SPDX-License-Identifier: Apache-2.0
#include "daemon/site_settings.h"

#include <fmt/core.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/hidden_users.h"
#include "core/http.h"
#include "core/proxy.h"
#include "core/site_sources.h"
#include "daemon/policy_rule.h"

namespace backhaul::daemon {
namespace {

using core::SiteRules;

constexpr NumberRange background_wait_range{1, 3600};
constexpr NumberRange foreground_wait_range{0, 3600};

// A user goes where the machine says, or nowhere.
PolicyVerdict take_place_of_site(core::Rule<std::string>& rule, const core::Rule<std::string>* machine, std::string value,
                                 const PolicyLine& line) {
  return take(rule, machine, std::optional(std::move(value)), {}, line,
              [](const std::string& mine, const std::string& theirs) { return mine.empty() || mine == theirs; });
}

PolicyVerdict set_cache_host(SiteRules& rules, const SiteRules* machine, const PolicyLine& line) {
  std::string pattern;
  if (const auto sought = core::sought_cache(line.value)) {
    pattern = core::by_dns_sd;
    if (!sought->empty()) pattern += ':' + *sought;
  } else if (line.value.starts_with(std::string(core::by_dns_sd) + ':')) {
    return not_a(line, "not the name of a host, as in dns-sd:cache.site");
  } else if (!line.value.empty() && line.value != "none") {
    auto read = core::cache_pattern(line.value);
    if (!read) return not_a(line, read.error().text);
    pattern = *std::move(read);
  }
  const auto* bound = machine == nullptr ? nullptr : &machine->cache_host;
  return take_place_of_site(rules.cache_host, bound, std::move(pattern), line);
}

PolicyVerdict set_site_proxy(SiteRules& rules, const SiteRules* machine, const PolicyLine& line) {
  std::string address;
  if (!line.value.empty() && line.value != "none") {
    auto read = core::proxy_address(line.value);
    if (!read || core::url_scheme(line.value) != "http" || core::names_user(line.value))
      return not_a(line, "not the address of a proxy, as http://127.0.0.1:65001");
    address = *std::move(read);
  }
  return take_place_of_site(rules.proxy, machine == nullptr ? nullptr : &machine->proxy, std::move(address), line);
}

PolicyVerdict set_cache_host_wait(SiteRules& rules, const SiteRules* machine, const PolicyLine& line,
                                  core::Rule<base::Microseconds> SiteRules::*member, const NumberRange& range) {
  const auto* bound = machine == nullptr ? nullptr : &(machine->*member);
  return take_nearest(rules.*member, bound, (SiteRules().*member).value, range, line,
                      [](std::int64_t seconds) { return base::Microseconds(std::chrono::seconds(seconds)); });
}

}  // namespace

PolicyVerdict set_site(SiteRules& rules, const SiteRules* machine, const PolicyLine& line) {
  if (line.key == "CacheHost") return set_cache_host(rules, machine, line);
  if (line.key == "SiteProxy") return set_site_proxy(rules, machine, line);
  if (line.key == "CacheHostFallbackDelaySec")
    return set_cache_host_wait(rules, machine, line, &SiteRules::cache_host_wait, background_wait_range);
  if (line.key == "CacheHostForegroundDelaySec")
    return set_cache_host_wait(rules, machine, line, &SiteRules::cache_host_wait_foreground, foreground_wait_range);
  if (line.key == "Swarm")
    return take_switch(rules.swarm, machine == nullptr ? nullptr : &machine->swarm, false, false, line);
  return {.known = false, .error = {}, .warning = {}};
}

std::string warning_of_cache(const core::Policy& policy) {
  const core::Rule<std::string>& cache = policy.site.cache_host;
  if (!core::sought_cache(cache.value) || core::looks_for_caches(policy)) return {};
  return fmt::format("{}: CacheHost = {} takes Trust = ca and an Authority, which vouches for it: none is asked",
                     cache.where, cache.value);
}

}  // namespace backhaul::daemon
