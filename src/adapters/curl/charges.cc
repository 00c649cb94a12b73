// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/charges.h"

#include <chrono>
#include <utility>

namespace backhaul::curl {
namespace {

// As long a budget may be passed by what comes.
constexpr base::Microseconds interval = std::chrono::milliseconds(250);

}  // namespace

Charges::Charges(loop::Loop& loop, ports::Inbox& inbox)
    : loop_(loop), inbox_(inbox), timer_(loop, std::chrono::milliseconds(10), [this] { tell(); }) {}

void Charges::add(const core::Owner& owner, std::size_t octets) {
  untold_[owner] += octets;
  if (!timer_.armed()) timer_.arm(loop_.now() + interval);
}

void Charges::tell() {
  timer_.disarm();
  for (auto& [owner, octets] : std::exchange(untold_, {}))
    if (octets > 0) inbox_.post(ports::Received{owner, octets});
}

}  // namespace backhaul::curl
