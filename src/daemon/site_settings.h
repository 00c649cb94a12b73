// SPDX-License-Identifier: Apache-2.0
// The keys of [Peers] that are about a site's cache, its proxy and swarms (docs/neighbours.md).
#pragma once

#include "core/site_rules.h"
#include "daemon/policy_settings.h"

namespace backhaul::daemon {

// `machine`: as for set_policy.
PolicyVerdict set_site(core::SiteRules& rules, const core::SiteRules* machine, const PolicyLine& line);

// What is to be said when all is read: a cache that is to be found, and nobody who vouches for it. Empty: nothing.
std::string warning_of_cache(const core::Policy& policy);

}  // namespace backhaul::daemon
