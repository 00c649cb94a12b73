// SPDX-License-Identifier: Apache-2.0
#include "adapters/network/netlink_environment.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "adapters/network/default_route.h"

namespace backhaul::network {
namespace {

std::span<const std::uint8_t> address_bytes(const sockaddr* address) {
  if (address == nullptr) return {};
  if (address->sa_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    return {reinterpret_cast<const std::uint8_t*>(&in), sizeof in};
  }
  if (address->sa_family == AF_INET6) {
    const auto& in6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    return {reinterpret_cast<const std::uint8_t*>(&in6), sizeof in6};
  }
  return {};
}

// 169.254.0.0/16 and fe80::/10 come by themselves as soon as there is a cable.
bool is_link_local(std::span<const std::uint8_t> address) {
  if (address.size() == 4) return address[0] == 169 && address[1] == 254;
  return address[0] == 0xFE && (address[1] & 0xC0U) == 0x80;
}

// "eth0 192.168.1.0". The host part is left out, because temporary IPv6 addresses of the same
// network come and go without anything having happened.
std::string connection_name(const ifaddrs& entry, std::span<const std::uint8_t> address) {
  std::array<std::uint8_t, sizeof(in6_addr)> network{};
  std::ranges::copy(address, network.begin());
  const auto mask = address_bytes(entry.ifa_netmask);
  for (std::size_t i = 0; i < mask.size(); ++i) network[i] &= mask[i];
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(entry.ifa_addr->sa_family, network.data(), text.data(), text.size());
  return std::string(entry.ifa_name) + ' ' + text.data();
}

bool carries(const ifaddrs& entry) {
  constexpr unsigned wanted = IFF_UP | IFF_RUNNING;
  return (entry.ifa_flags & wanted) == wanted && (entry.ifa_flags & IFF_LOOPBACK) == 0;
}

}  // namespace

NetlinkEnvironment::NetlinkEnvironment(loop::Loop& loop, ports::Inbox& inbox, base::Log& log)
    : loop_(loop),
      inbox_(inbox),
      log_(log),
      settled_(loop, loop::Order::normal, [this] { evaluate(); }) {
  // The socket first: what changes between opening and looking is then told.
  open();
  route_ = default_route();
  if (auto view = look()) {
    up_ = view->up;
    connections_ = std::move(view->connections);
  } else {
    log_.write(base::LogLevel::warning,
               std::string("the network interfaces cannot be read, the network counts as up: ") +
                   strerror(errno));
  }
}

NetlinkEnvironment::~NetlinkEnvironment() {
  io_.reset();
  if (socket_ >= 0) close(socket_);
}

void NetlinkEnvironment::open() {
  socket_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (socket_ < 0 ||
      bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    log_.write(base::LogLevel::warning,
               std::string("changes of the network will not be noticed: ") + strerror(errno));
    return;
  }
  io_.emplace(loop_, socket_, EPOLLIN, [this](std::uint32_t) { drain(); });
}

// The messages only say "look again"; a lost one (ENOBUFS) says the same.
void NetlinkEnvironment::drain() {
  std::array<std::byte, 8192> ignored;
  for (;;) {
    if (recv(socket_, ignored.data(), ignored.size(), 0) >= 0) continue;
    if (errno == EAGAIN) break;
    if (errno == ENOBUFS || errno == EINTR) continue;
    log_.write(base::LogLevel::warning,
               std::string("changes of the network are no longer noticed: ") + strerror(errno));
    io_.reset();
    break;
  }
  settled_.schedule();
}

std::optional<NetlinkEnvironment::View> NetlinkEnvironment::look() const {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(first, &freeifaddrs);
  View view{.up = false};
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    const auto address = address_bytes(entry->ifa_addr);
    if (address.empty() || !carries(*entry)) continue;
    view.up = true;
    if (!is_link_local(address)) view.connections.insert(connection_name(*entry, address));
  }
  return view;
}

void NetlinkEnvironment::evaluate() {
  if (core::Route route = default_route(); route != route_) {
    route_ = std::move(route);
    inbox_.post(ports::RouteChanged{route_});
  }
  auto view = look();
  if (!view) return;
  // A connection that was added is news too: the first address may have been a link-local one, with
  // which nothing was reached.
  const bool added = !std::ranges::includes(connections_, view->connections);
  const bool changed = view->up != up_;
  up_ = view->up;
  connections_ = std::move(view->connections);
  if (!changed && !added) return;
  log_.write(base::LogLevel::info, up_ ? "the network is up" : "the network is down");
  inbox_.post(ports::NetworkChanged{.up = up_});
}

}  // namespace backhaul::network
