// SPDX-License-Identifier: Apache-2.0
// How a socket says that what it sends makes way for others.
#pragma once

namespace backhaul::os {

inline constexpr int lower_effort = 0x04;  // IP_TOS and IPV6_TCLASS: DSCP 000001 (RFC 8622)

}  // namespace backhaul::os
