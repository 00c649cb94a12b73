// SPDX-License-Identifier: Apache-2.0
// Fetches a torrent: a small file of a web server, within bounds of size and time.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/result.h"

namespace backhaul::swarmd {

struct FetchLimits {
  std::size_t size = 0;
  std::chrono::milliseconds time{};  // of all of it
  std::string user_agent;
};

// From this address and no other: redirects are not followed. Blocks; any thread. The error is one sentence.
base::Result<std::string> fetch(const std::string& url, const FetchLimits& limits);

}  // namespace backhaul::swarmd
