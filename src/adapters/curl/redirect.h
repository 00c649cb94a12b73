// SPDX-License-Identifier: Apache-2.0
// Where a redirect leads. libcurl's own following is not used: it forwards
// every field we add to any host, and the policy is ours (http-and-network.md §4).
#pragma once

#include <string>

#include "base/result.h"

namespace backhaul::curl {

// The next address: `location` as the server wrote it, resolved against `from`.
// WINHTTP_REDIRECT_FAILED to another protocol, or if it is no address; whether the job may be led there
// core::Conversation says. A user and password stay with their server: they are kept for the same origin only, and never taken from
// a redirect to another.
base::Result<std::string> follow(const std::string& from, const std::string& location);

}  // namespace backhaul::curl
