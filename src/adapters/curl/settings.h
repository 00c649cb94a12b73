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

struct CurlSettings {
  std::string user_agent;                        // empty: backhaul/<version>
  std::string ca_file;                           // empty: the authorities of the system
  std::vector<std::string> find_proxy;           // who asks desktop and network (proxy_finder.h)
  base::Microseconds connect_timeout = std::chrono::minutes(1);  // name, TCP and TLS together
  // Nothing received for so long, the time in which the sink was full not counted.
  base::Microseconds silence_limit = std::chrono::minutes(5);
  Courtesy courtesy{};
};

}  // namespace backhaul::curl
