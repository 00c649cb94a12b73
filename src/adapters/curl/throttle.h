// SPDX-License-Identifier: Apache-2.0
// Holds transfers back to the bandwidth of their priority (core/rate_limiter.h). What is not granted stays
// where it is: libcurl does not read it, and the window that the kernel offers the server is about as small
// as what the bandwidth brings in a moment, so that nothing is on its way that will be waited for. Every octet passes here, so they are counted here
// as well.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_set>

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

  // The window of a socket that one of this priority reads from.
  void set_window(curl_socket_t fd, base::Priority priority);

 private:
  void tell();
  void arm();

  loop::Loop& loop_;
  const GoOn go_on_;
  core::RateLimiter limiter_;
  core::JobMeters meters_;
  loop::Timer timer_;
  // Sockets whose window was made small. One that was closed since does no harm: a wide window is what
  // the next of its number has in any case.
  std::unordered_set<curl_socket_t> narrow_;
};

}  // namespace backhaul::curl
