// SPDX-License-Identifier: Apache-2.0
// [Peers]: what is kept for neighbours, asked of them and given to them (docs/neighbours.md).
#pragma once

#include "daemon/policy_settings.h"
#include "daemon/settings.h"

namespace backhaul::daemon {

// `machine`: as for set_policy.
PolicyVerdict set_peers(Settings& settings, const Settings* machine, const PolicyLine& line);
// When all lines were read: what the switches mean together.
void switch_peers(Settings& settings);

}  // namespace backhaul::daemon
