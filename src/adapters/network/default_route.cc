// SPDX-License-Identifier: Apache-2.0
#include "adapters/network/default_route.h"

#include <arpa/inet.h>
#include <net/route.h>
#include <netinet/in.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace backhaul::network {
namespace {

struct Found {
  core::Route route;
  std::uint64_t metric = UINT64_MAX;
};

std::optional<std::uint64_t> hex(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <class Address>
std::string text_of(int family, const Address& address) {
  static constexpr Address none{};
  if (std::string_view(reinterpret_cast<const char*>(&address), sizeof address) ==
      std::string_view(reinterpret_cast<const char*>(&none), sizeof none))
    return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, &address, text.data(), text.size()) == nullptr ? std::string() : text.data();
}

void offer(Found& best, std::string interface, std::string gateway, std::uint64_t metric) {
  if (interface == "lo" || metric >= best.metric) return;
  best = {{std::move(interface), std::move(gateway)}, metric};
}

// Iface Destination Gateway Flags RefCnt Use Metric Mask …; the addresses as the machine keeps them.
Found of_ipv4(std::istream& routes) {
  Found best;
  std::string line;
  while (std::getline(routes, line)) {
    std::istringstream fields(line);
    std::string interface, destination, gateway, flags, skipped, metric, mask;
    if (!(fields >> interface >> destination >> gateway >> flags >> skipped >> skipped >> metric >> mask)) continue;
    const auto leads = hex(gateway);
    const auto number = hex(flags);
    if (destination != "00000000" || mask != "00000000" || !leads || !number || (*number & RTF_UP) == 0) continue;
    std::uint64_t cost = 0;
    std::from_chars(metric.data(), metric.data() + metric.size(), cost);
    offer(best, std::move(interface), text_of(AF_INET, in_addr{static_cast<in_addr_t>(*leads)}), cost);
  }
  return best;
}

// Destination, length of its prefix, source, length, next hop, metric, RefCnt, Use, flags, interface; in hex.
Found of_ipv6(std::istream& routes) {
  Found best;
  std::string line;
  while (std::getline(routes, line)) {
    std::istringstream fields(line);
    std::string destination, length, skipped, hop, metric, flags, interface;
    if (!(fields >> destination >> length >> skipped >> skipped >> hop >> metric >> skipped >> skipped >> flags >> interface))
      continue;
    const auto cost = hex(metric);
    const auto number = hex(flags);
    if (length != "00" || hop.size() != 2 * sizeof(in6_addr) || !cost || !number || (*number & RTF_UP) == 0 ||
        (*number & RTF_REJECT) != 0)
      continue;
    in6_addr gateway{};
    for (std::size_t i = 0; i < sizeof gateway; ++i)
      gateway.s6_addr[i] = static_cast<std::uint8_t>(hex(std::string_view(hop).substr(2 * i, 2)).value_or(0));
    offer(best, std::move(interface), text_of(AF_INET6, gateway), *cost);
  }
  return best;
}

}  // namespace

core::Route default_route(std::istream& ipv4, std::istream& ipv6) {
  const Found four = of_ipv4(ipv4);
  return four.route.interface.empty() ? of_ipv6(ipv6).route : four.route;
}

core::Route default_route() {
  std::ifstream ipv4("/proc/net/route");
  std::ifstream ipv6("/proc/net/ipv6_route");
  return default_route(ipv4, ipv6);
}

}  // namespace backhaul::network
