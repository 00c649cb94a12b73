// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/attempts.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace backhaul::neighbours {

void Attempts::forget(const std::string& from, Clock::time_point now) {
  const auto known = failures_.find(from);
  if (known == failures_.end()) return;
  std::erase_if(known->second, [&](Clock::time_point then) { return now - then >= period; });
  if (known->second.empty()) failures_.erase(known);
}

bool Attempts::may(const std::string& from, Clock::time_point now) {
  forget(from, now);
  const auto known = failures_.find(from);
  return known == failures_.end() || known->second.size() < most_failures;
}

void Attempts::failed(const std::string& from, Clock::time_point now) {
  forget(from, now);
  if (!failures_.contains(from) && failures_.size() == most_known)
    failures_.erase(std::ranges::min_element(failures_, {}, [](const auto& one) { return one.second.back(); }));
  failures_[from].push_back(now);
}

std::string address_of(const sockaddr* address) {
  constexpr std::size_t network_octets = 8;
  if (address == nullptr) return {};
  if (address->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, address, sizeof four);
    return {reinterpret_cast<const char*>(&four.sin_addr), sizeof four.sin_addr};
  }
  if (address->sa_family != AF_INET6) return {};
  sockaddr_in6 six{};
  std::memcpy(&six, address, sizeof six);
  const char* const octets = reinterpret_cast<const char*>(&six.sin6_addr);
  if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) return {octets + 12, 4};
  // All link-local ones are of one network.
  return {octets, IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr) ? sizeof six.sin6_addr : network_octets};
}

}  // namespace backhaul::neighbours
