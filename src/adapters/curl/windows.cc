// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/windows.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include "adapters/curl/path_file.h"

namespace backhaul::curl {
namespace {

using namespace std::chrono_literals;

// The kernel takes less where its buffer is smaller.
constexpr int widest = 1 << 30;
constexpr std::uint32_t usual_segment = 1460;
// Of IP, TCP and Ethernet, for each segment.
constexpr std::uint64_t overhead = 66;
constexpr base::Microseconds others_interval = 50ms;
// What is known of a path holds for longer, what goes on there does not.
constexpr base::Microseconds control_kept = 10s;
constexpr std::size_t paths_max = 256;
constexpr base::Microseconds write_interval = 5min;

base::WallTime wall_now() {
  return std::chrono::time_point_cast<base::Microseconds>(std::chrono::system_clock::now());
}

tcp_info info_of(curl_socket_t fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) info = {};
  return info;
}

// A server sends whole segments: below two of them it would wait for its own timer.
std::uint64_t least_window(curl_socket_t fd) {
  return 2 * std::max<std::uint64_t>(info_of(fd).tcpi_advmss, usual_segment);
}

std::string octets_of(const sockaddr_storage& address) {
  const auto bytes = [](const auto& value) { return std::string(reinterpret_cast<const char*>(&value), sizeof value); };
  if (address.ss_family == AF_INET) return bytes(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  if (address.ss_family == AF_INET6) return bytes(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  return {};
}

bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET)
    return (ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
  if (address.ss_family != AF_INET6) return true;  // a socket of this machine
  const auto& six = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&six)) return six.s6_addr[12] == IN_LOOPBACKNET;
  return IN6_IS_ADDR_LOOPBACK(&six);
}

// What is out of order is counted by the segments, else it would look as if it had come for others.
Windows::Counters counters_in(const tcp_info& info) {
  return {.received = info.tcpi_bytes_received,
          .on_wire = static_cast<std::uint64_t>(info.tcpi_data_segs_in) * info.tcpi_rcv_mss +
                     info.tcpi_segs_in * overhead};
}

}  // namespace

Windows::Windows(loop::Loop& loop, const Courtesy& courtesy)
    : loop_(loop),
      courtesy_(courtesy),
      book_(courtesy.memory.empty() ? core::PathBook() : read_paths(courtesy.memory)),
      written_(loop.now()),
      timer_(loop, 1ms, [this] { measure(); }) {}

Windows::~Windows() {
  if (!paths_.empty()) remember();
}

// It costs nobody anything if it is lost.
void Windows::remember() {
  written_ = loop_.now();
  if (courtesy_.memory.empty()) return;
  for (const auto& [key, path] : paths_) book_.keep(key, path->control.memory(), wall_now() - (path->connections > 0 ? 0us : loop_.now() - path->left));
  write_paths(courtesy_.memory, book_);
}

void Windows::used(curl_socket_t fd, const Use& use) {
  const auto known = watched_.find(fd);
  if (known != watched_.end() && !use.background) {
    leave(fd, known->second);
    watched_.erase(known);
  }
  if (!use.background || !courtesy_.yields) return apply(fd, {.use = use, .path = nullptr, .seen = {}});
  Connection& connection = watched_[fd];
  connection.use = use;
  if (connection.path == nullptr) join(fd, connection);
  apply(fd, connection);
  if (!timer_.armed()) arm();
}

void Windows::unused(curl_socket_t fd) {
  const auto known = watched_.find(fd);
  if (known == watched_.end()) return;
  leave(fd, known->second);
  watched_.erase(known);
}

std::optional<core::Impact> Windows::impact(const base::JobId& job) const {
  std::optional<core::Impact> most;
  for (const auto& [fd, connection] : watched_) {
    if (connection.use.job != job || connection.path == nullptr) continue;
    const auto one = connection.path->control.impact();
    if (one && (!most || one->delay_added > most->delay_added)) most = one;
  }
  return most;
}

// Not before the connection stands.
bool Windows::join(curl_socket_t fd, Connection& connection) {
  sockaddr_storage here{}, there{};
  socklen_t here_size = sizeof here, there_size = sizeof there;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&there), &there_size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&here), &here_size) != 0 || is_loopback(there))
    return false;
  const tcp_info info = info_of(fd);
  Path& path = path_between(octets_of(here) + octets_of(there), here, info.tcpi_advmss);
  connection.path = &path;
  connection.seen = counters_in(info);  // what came before is no arrival
  if (path.connections++ == 0 && loop_.now() - path.left > others_interval) path.others = 0;
  // That of the handshake, which is free of our own queue.
  if (path.control.memory().base_delay == base::Microseconds(0) && info.tcpi_min_rtt != UINT32_MAX && info.tcpi_min_rtt > 0)
    path.control.step({.now = loop_.now(), .rtt = base::Microseconds(info.tcpi_min_rtt)});
  return true;
}

Windows::Path& Windows::path_between(const Key& key, const sockaddr_storage& here, std::uint32_t segment) {
  const core::Scavenger::Options options{.segment = std::max(segment, usual_segment), .target = courtesy_.target};
  const auto known = paths_.find(key);
  if (known == paths_.end()) {
    if (paths_.size() >= paths_max) {
      const auto oldest = std::min_element(paths_.begin(), paths_.end(), [](const auto& one, const auto& other) {
        return std::pair(one.second->connections > 0, one.second->left) <
               std::pair(other.second->connections > 0, other.second->left);
      });
      if (oldest->second->connections == 0) paths_.erase(oldest);
    }
    auto path = std::make_unique<Path>(Path{.control = core::Scavenger(book_.recall(key, wall_now()), options),
                                            .interface = Interfaces::with_address(here), .rtt = {}});
    return *paths_.emplace(key, std::move(path)).first->second;
  }
  Path& path = *known->second;
  if (path.connections == 0 && loop_.now() - path.left > control_kept)
    path.control = core::Scavenger(path.control.memory(), options);
  return path;
}

void Windows::leave(curl_socket_t fd, Connection& connection) {
  if (connection.path == nullptr) return;
  read(fd, connection);
  if (--connection.path->connections == 0) connection.path->left = loop_.now();
  connection.path = nullptr;
}

void Windows::read(curl_socket_t fd, Connection& connection) {
  const tcp_info info = info_of(fd);
  if (info.tcpi_bytes_received < connection.seen.received) return;  // closed already
  Path& path = *connection.path;
  const Counters now = counters_in(info);
  const std::uint64_t arrived = now.received - connection.seen.received;
  path.delivered += arrived;
  meters_[path.interface].ours += std::max(arrived, now.on_wire - std::min(now.on_wire, connection.seen.on_wire));
  connection.seen = now;
  if (arrived > 0 && info.tcpi_rcv_rtt > 0) {
    const base::Microseconds rtt(info.tcpi_rcv_rtt);
    path.rtt = std::min(path.rtt.value_or(rtt), rtt);
  }
}

void Windows::measure() {
  for (auto& [fd, connection] : watched_) {
    if (connection.path == nullptr)
      join(fd, connection);
    else
      read(fd, connection);
  }
  look_at_others();
  const auto busy = static_cast<std::uint32_t>(std::count_if(
      paths_.begin(), paths_.end(), [](const auto& entry) { return entry.second->connections > 0; }));
  for (auto& [key, path] : paths_) {
    if (path->connections == 0) continue;
    path->control.step({.now = loop_.now(),
                        .rtt = std::exchange(path->rtt, std::nullopt),
                        .delivered = std::exchange(path->delivered, 0),
                        .others = std::exchange(path->others, 0),
                        .connections = path->connections,
                        .paths = busy});
  }
  for (const auto& [fd, connection] : watched_) apply(fd, connection);
  if (loop_.now() - written_ >= write_interval) remember();
  arm();
}

// Foreground jobs of ours are others as well.
void Windows::look_at_others() {
  const base::BootTime now = loop_.now();
  if (now - looked_at_others_ < others_interval) return;
  const bool fresh = now - looked_at_others_ < 4 * others_interval;
  looked_at_others_ = now;
  const auto received = interfaces_.received();
  for (auto& [name, meter] : meters_) {
    const auto found = received.find(name);
    const std::uint64_t total = found == received.end() ? 0 : found->second;
    const std::uint64_t came = total - std::min(total, meter.received);
    const std::uint64_t ours = std::exchange(meter.ours, 0);
    const std::uint64_t others = meter.known && fresh ? came - std::min(came, ours) : 0;
    for (auto& [key, path] : paths_)
      if (path->interface == name) path->others += others;
    meter.received = total;
    meter.known = found != received.end();
  }
}

void Windows::apply(curl_socket_t fd, const Connection& connection) {
  std::optional<std::uint64_t> most = connection.use.most;
  if (connection.path != nullptr) {
    const std::uint64_t share = connection.path->control.window() / std::max(1U, connection.path->connections);
    most = std::min(most.value_or(share), share);
  }
  if (!most && narrow_.erase(fd) == 0) return;
  if (most) narrow_.insert(fd);
  const int window = most ? static_cast<int>(std::clamp<std::uint64_t>(*most, least_window(fd), widest)) : widest;
  // What is no TCP connection has none.
  (void)setsockopt(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &window, sizeof window);
}

void Windows::arm() {
  if (watched_.empty()) return timer_.disarm();
  base::Microseconds soonest = others_interval;
  for (const auto& [key, path] : paths_)
    if (path->connections > 0) soonest = std::min(soonest, path->control.interval());
  timer_.arm(loop_.now() + soonest);
}

}  // namespace backhaul::curl
