// SPDX-License-Identifier: Apache-2.0
// Holds transfers back to the bandwidth of their priority (core/rate_limiter.h). What is not granted stays
// where it is: libcurl does not read it, and no more may be on its way than the bandwidth brings in a moment
// (windows.h). Every octet passes here, so they are counted here as well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/ids.h"
#include "base/vocabulary.h"
#include "core/job_meters.h"
#include "core/rate_limiter.h"
#include "loop/loop.h"

namespace backhaul::curl {

class Throttle {
 public:
  using GoOn = std::function<void(base::TransferId)>;
  // `go_on`: has something to take again. Never inside of a call of this class.
  Throttle(loop::Loop& loop, GoOn go_on);

  void limit(const core::RateLimits& limits);
  bool spares_near() const { return limiter_.limits().near_free; }
  // How many of these octets may be taken now. If not all of them, it will be told to go on.
  std::size_t take(base::TransferId transfer, base::Priority priority, std::size_t wanted);
  // These were not used after all, and are asked for again.
  void put_back(base::TransferId transfer, std::size_t octets);
  // These came unasked.
  void came(base::TransferId transfer, base::Priority priority, std::size_t octets);
  // These were kept.
  void kept(const base::JobId& job, std::size_t octets);
  void begins(const base::JobId& job) { meters_.begin(job, loop_.now()); }
  std::uint64_t rate(const base::JobId& job) const { return meters_.rate(job, loop_.now()); }
  void ended(base::TransferId transfer);

  // How many octets may be on their way to the transfers of this priority; unset: as many as like.
  std::optional<std::uint64_t> ahead(base::Priority priority) const {
    return core::RateLimiter::ahead(limiter_.limits().of(priority));
  }

 private:
  void tell();
  void arm();

  loop::Loop& loop_;
  const GoOn go_on_;
  core::RateLimiter limiter_;
  core::JobMeters meters_;
  loop::Timer timer_;
};

}  // namespace backhaul::curl
