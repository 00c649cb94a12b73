// SPDX-License-Identifier: Apache-2.0
// What can be set about transfers. The defaults are those of the service.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/time.h"

namespace backhaul::curl {

// What background transfers do for everybody else on their path.
struct Courtesy {
  bool yields = true;
  base::Microseconds target = std::chrono::milliseconds(5);  // of delay that they add
  std::string memory{};  // the file in which it stands what is known of paths; empty: none
};

// How neighbours are asked and fetched from (peer-caching.md §5).
struct NeighbourSettings {
  // What this machine is known to them by, in PEM: read whenever it is needed, since it may be made late. Empty: it
  // has none, and speaks to nobody.
  std::string certificate{};
  std::string key{};
  // Nothing received for so long; with what it takes to see that, they cost less than two seconds.
  base::Microseconds silence_limit = std::chrono::milliseconds(1800);
  base::Microseconds search_limit = std::chrono::milliseconds(950);
};

struct CurlSettings {
  std::string user_agent;                        // empty: backhaul/<version>
  std::string ca_file;                           // empty: the authorities of the system
  std::vector<std::string> find_proxy;           // who asks desktop and network (proxy_finder.h)
  base::Microseconds connect_timeout = std::chrono::minutes(1);  // name, TCP and TLS together
  // Nothing received for so long, the time in which the sink was full not counted.
  base::Microseconds silence_limit = std::chrono::minutes(5);
  Courtesy courtesy{};
  NeighbourSettings neighbours{};
};

// What the service calls itself where nothing else is laid down.
std::string own_user_agent(const CurlSettings& settings);

}  // namespace backhaul::curl
