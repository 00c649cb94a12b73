// SPDX-License-Identifier: Apache-2.0
// What the environment of this process says about proxies. The service asks nobody's but that of the
// process that makes a job: its own is that of whatever bus started it.
#pragma once

#include <optional>

#include "bus/wire.h"

namespace backhaul::client {

// Those that are set, by their names in lower case. As everywhere, HTTP_PROXY counts for nothing: a
// server hands a header of that name to its CGI programs.
std::optional<bus::Variables> proxy_variables();

}  // namespace backhaul::client
