// SPDX-License-Identifier: Apache-2.0
// Which interface and gateway lead to everything that is far, as the kernel lists its routes in /proc/net. Of
// several the one with the least metric, of IPv4 before IPv6. A tunnel that covers everything by two halves
// is not seen; the network below it is what costs.
#pragma once

#include <istream>

#include "core/budget.h"

namespace backhaul::network {

core::Route default_route();
// Of the text of /proc/net/route and /proc/net/ipv6_route.
core::Route default_route(std::istream& ipv4, std::istream& ipv6);

}  // namespace backhaul::network
