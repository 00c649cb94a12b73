// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/throttle.h"

#include <chrono>
#include <cstdint>
#include <utility>

namespace backhaul::curl {
Throttle::Throttle(loop::Loop& loop, GoOn go_on)
    : loop_(loop), go_on_(std::move(go_on)), timer_(loop, std::chrono::milliseconds(1), [this] { tell(); }) {}

void Throttle::limit(const core::RateLimits& limits) {
  limiter_.set(limits, loop_.now());
  arm();
}

std::size_t Throttle::take(base::TransferId transfer, base::Priority priority, std::size_t wanted) {
  const std::size_t taken = limiter_.take(transfer, priority, wanted, loop_.now());
  if (taken < wanted) arm();
  return taken;
}

void Throttle::put_back(base::TransferId transfer, std::size_t octets) {
  limiter_.put_back(transfer, octets);
}

void Throttle::came(base::TransferId transfer, base::Priority priority, std::size_t octets) {
  limiter_.came(transfer, priority, octets);
}

void Throttle::kept(const base::JobId& job, std::size_t octets) {
  if (octets > 0) meters_.add(job, octets, loop_.now());
}

void Throttle::ended(base::TransferId transfer) { limiter_.ended(transfer, loop_.now()); }

void Throttle::tell() {
  for (const base::TransferId transfer : limiter_.due(loop_.now())) go_on_(transfer);
  arm();
}

void Throttle::arm() { timer_.arm(limiter_.next()); }

}  // namespace backhaul::curl
