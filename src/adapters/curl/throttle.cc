// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/throttle.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace backhaul::curl {
namespace {

// The kernel takes less where its buffer is smaller.
constexpr int widest = 1 << 30;

// A server sends whole segments: below two of them it would wait for its own timer.
int least_window(curl_socket_t fd) {
  constexpr int usual_segment = 1460;
  tcp_info info{};
  socklen_t size = sizeof info;
  const bool told = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
  return 2 * std::max(told ? static_cast<int>(info.tcpi_advmss) : 0, usual_segment);
}

}  // namespace

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

void Throttle::set_window(curl_socket_t fd, base::Priority priority) {
  const auto ahead = core::RateLimiter::ahead(limiter_.limits().of(priority));
  if (!ahead && narrow_.erase(fd) == 0) return;
  if (ahead) narrow_.insert(fd);
  const int window =
      ahead ? static_cast<int>(std::min<std::uint64_t>(
                  std::max<std::uint64_t>(*ahead, static_cast<std::uint64_t>(least_window(fd))), widest))
            : widest;
  // What is no TCP connection has none.
  (void)setsockopt(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &window, sizeof window);
}

void Throttle::tell() {
  for (const base::TransferId transfer : limiter_.due(loop_.now())) go_on_(transfer);
  arm();
}

void Throttle::arm() { timer_.arm(limiter_.next()); }

}  // namespace backhaul::curl
