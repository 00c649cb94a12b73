// SPDX-License-Identifier: Apache-2.0
// What is laid down about the sources of a site beside its machines: a cache in front of all origins, a proxy that
// shares what it fetches, and swarms (core/site_sources.h). And whether the duplicates that origins name are asked.
#pragma once

#include <chrono>
#include <string>

#include "base/time.h"
#include "core/rule.h"

namespace backhaul::core {

struct SiteRules {
  // The pattern of its addresses (cache_address), or that it is to be found (sought_cache); empty: there is none.
  Rule<std::string> cache_host{};
  // So long its first byte may take, for background and for foreground jobs; zero: it is not asked.
  Rule<base::Microseconds> cache_host_wait{.value = std::chrono::seconds(5)};
  Rule<base::Microseconds> cache_host_wait_foreground{.value = base::Microseconds::zero()};
  Rule<std::string> proxy{};  // the address of it; empty: there is none
  Rule<bool> swarm{.value = false};
  Rule<bool> duplicates{.value = true};

  bool operator==(const SiteRules&) const = default;
};

}  // namespace backhaul::core
