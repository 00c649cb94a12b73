// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/announced.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string_view>

#include "base/hex.h"
#include "core/introduction.h"
#include "core/site_sources.h"
#include "core/text.h"

namespace backhaul::neighbours {
namespace {

Octets octets_in(const std::string& text) { return {text.begin(), text.end()}; }

// Of the first one by this name, as RFC 6763 has it.
std::string value_in(const Texts& texts, std::string_view key) {
  for (const Octets& one : texts) {
    const std::string text(one.begin(), one.end());
    if (text.starts_with(key) && text.size() > key.size() && text[key.size()] == '=')
      return text.substr(key.size() + 1);
  }
  return {};
}

bool is_id(std::string_view id) { return id.size() == machine_digits && base::is_lower_hex(id); }

std::string without_interface(const std::string& address) { return address.substr(0, address.find('%')); }

// As inet_ntop(3) writes it, one of IPv4 within IPv6 as that; empty: it is none.
std::string usual_form(const std::string& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  in_addr four{};
  in6_addr six{};
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) return inet_ntop(AF_INET, &four, text.data(), text.size());
  if (inet_pton(AF_INET6, without_interface(address).c_str(), &six) != 1) return {};
  if (IN6_IS_ADDR_V4MAPPED(&six)) return inet_ntop(AF_INET, &six.s6_addr[12], text.data(), text.size());
  return inet_ntop(AF_INET6, &six, text.data(), text.size());
}

// One machine can have it.
bool is_of_a_machine(const std::string& usual) {
  in_addr four{};
  in6_addr six{};
  if (inet_pton(AF_INET, usual.c_str(), &four) == 1) {
    const std::uint32_t number = ntohl(four.s_addr);
    return number >> 24 != 0 && number >> 24 != IN_LOOPBACKNET && !IN_MULTICAST(number) && number != INADDR_BROADCAST;
  }
  return inet_pton(AF_INET6, usual.c_str(), &six) == 1 && !IN6_IS_ADDR_LOOPBACK(&six) &&
         !IN6_IS_ADDR_UNSPECIFIED(&six) && !IN6_IS_ADDR_MULTICAST(&six);
}

}  // namespace

Texts texts_of(const Announced& own) {
  Texts texts{octets_in("v=1"), octets_in("id=" + own.id)};
  if (!own.group.empty()) texts.push_back(octets_in("g=" + own.group));
  return texts;
}

std::optional<Announced> announced_in(const Texts& texts) {
  Announced told{.id = value_in(texts, "id"), .group = value_in(texts, "g")};
  if (value_in(texts, "v") != "1" || !is_id(told.id)) return std::nullopt;
  if (!core::is_group(told.group)) told.group.clear();
  return told;
}

std::optional<Announced> announced_cache_in(const Texts& texts, const std::string& machine) {
  if (value_in(texts, "v") != "1") return std::nullopt;
  Announced told{.id = value_in(texts, "name"), .group = {}, .path = value_in(texts, "path")};
  told.id = core::to_lower(told.id.empty() ? machine : told.id);
  if (told.id.ends_with('.')) told.id.pop_back();
  while (told.path.ends_with('/')) told.path.pop_back();
  if (!core::is_name_of_cache(told.id)) return std::nullopt;
  return told;
}

int rank_of(const std::string& address) {
  in_addr four{};
  in6_addr six{};
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) return address.starts_with("169.254.") ? 2 : 0;
  if (inet_pton(AF_INET6, without_interface(address).c_str(), &six) != 1) return 4;
  return IN6_IS_ADDR_LINKLOCAL(&six) ? 3 : 1;
}

bool is_elsewhere(const std::string& address, const std::set<std::string>& own) {
  const std::string usual = usual_form(address);
  return !usual.empty() && is_of_a_machine(usual) && !own.contains(usual);
}

std::set<std::string> own_addresses() {
  std::set<std::string> all;
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return all;
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (one->ifa_addr == nullptr) continue;
    sockaddr_in four{};
    sockaddr_in6 six{};
    if (one->ifa_addr->sa_family == AF_INET) {
      std::memcpy(&four, one->ifa_addr, sizeof four);
      all.insert(inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size()));
    } else if (one->ifa_addr->sa_family == AF_INET6) {
      std::memcpy(&six, one->ifa_addr, sizeof six);
      all.insert(inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size()));
    }
  }
  freeifaddrs(first);
  return all;
}

}  // namespace backhaul::neighbours
