// SPDX-License-Identifier: Apache-2.0
// swarm.conf: what the swarm of a machine may do. A user's own file comes first, and what the machine's says holds. A
// line is what it is in backhauld.conf; the reader of that one is the daemon's, whose keys have roles, bounds and
// drop-ins, which seven settings of another process need not have.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace backhaul::swarmd {

struct Settings {
  std::uint16_t port = 2179;            // 0: any that is free
  std::vector<std::string> interfaces;  // names or addresses; empty: all
  std::string tracker;                  // of the site; empty: none
  std::uint64_t send_bits_per_second = 0;  // 0: no limit
  std::uint64_t receive_bits_per_second = 0;
  std::uint64_t room_mib = 4096;
  base::Microseconds seeding = std::chrono::hours(1);

  bool operator==(const Settings&) const = default;
};

// The error names the line. What the text does not say stays as it was.
base::Result<Settings> parse_settings(const std::string& text, Settings before);
// Of files that need not be there, in this order.
base::Result<Settings> read_settings(const std::vector<std::string>& paths);

// As libtorrent writes it.
std::string listen_interfaces(const Settings& settings);

}  // namespace backhaul::swarmd
