// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/interfaces.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>

#include "core/text.h"

namespace backhaul::curl {
namespace {

bool same_host(const sockaddr* one, const sockaddr_storage& other) {
  if (one == nullptr || one->sa_family != other.ss_family) return false;
  if (one->sa_family == AF_INET)
    return std::memcmp(&reinterpret_cast<const sockaddr_in*>(one)->sin_addr,
                       &reinterpret_cast<const sockaddr_in&>(other).sin_addr, sizeof(in_addr)) == 0;
  return one->sa_family == AF_INET6 &&
         std::memcmp(&reinterpret_cast<const sockaddr_in6*>(one)->sin6_addr,
                     &reinterpret_cast<const sockaddr_in6&>(other).sin6_addr, sizeof(in6_addr)) == 0;
}

}  // namespace

Interfaces::Interfaces() : file_(open("/proc/self/net/dev", O_RDONLY | O_CLOEXEC)) {}

std::map<std::string, std::uint64_t, std::less<>> Interfaces::received() {
  if (file_.get() < 0) return {};
  std::string text;
  std::array<char, 8192> piece;
  ssize_t size = 0;
  while ((size = pread(file_.get(), piece.data(), piece.size(), static_cast<off_t>(text.size()))) > 0)
    text.append(piece.data(), static_cast<std::size_t>(size));
  return parse(text);
}

// "  eth0: 1234 …", below two lines of headings; what follows the name first is what was received.
std::map<std::string, std::uint64_t, std::less<>> Interfaces::parse(std::string_view text) {
  std::map<std::string, std::uint64_t, std::less<>> received;
  while (!text.empty()) {
    const std::string_view line = core::next_line(text);
    const std::size_t colon = line.rfind(':');
    if (colon == std::string_view::npos) continue;
    const std::size_t name = line.find_first_not_of(' ');
    const std::size_t digits = line.find_first_not_of(' ', colon + 1);
    if (name >= colon || digits == std::string_view::npos) continue;
    std::uint64_t octets = 0;
    if (std::from_chars(line.data() + digits, line.data() + line.size(), octets).ec == std::errc())
      received.emplace(line.substr(name, colon - name), octets);
  }
  return received;
}

std::string Interfaces::with_address(const sockaddr_storage& address) {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> all(first, &freeifaddrs);
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next)
    if (same_host(one->ifa_addr, address)) return one->ifa_name;
  return {};
}

}  // namespace backhaul::curl
