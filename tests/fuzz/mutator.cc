// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace backhaul::fuzz {
namespace {

constexpr std::size_t longest = 64U * 1024U;
// What is at the edge of something.
constexpr std::array<std::string_view, 20> spice{
    "\r\n", "\n\n", ":", ",", "-", "0", "-1", "18446744073709551615", "18446744073709551616", "99999999999999999999999",
    "\"", "W/\"", "%00", std::string_view("\0", 1), "\xff\xfe", " \t", "bytes=", "[", "]", "HTTP/1.1 200 OK\r\n"};

}  // namespace

std::string Mutator::next() {
  std::string octets = seeds_[random_.below(seeds_.size())];
  for (std::uint64_t times = 1 + random_.below(6); times > 0; --times) change(octets);
  octets.resize(std::min(octets.size(), longest));
  return octets;
}

void Mutator::change(std::string& octets) {
  const std::size_t at = place(octets);
  const std::size_t some = std::min<std::size_t>(octets.size() - at, 1 + random_.below(16));
  switch (random_.below(8)) {
    case 0:
      if (at < octets.size()) octets[at] = static_cast<char>(octets[at] ^ (1 << random_.below(8)));
      return;
    case 1:
      if (at < octets.size()) octets[at] = static_cast<char>(random_.below(256));
      return;
    case 2: octets.insert(at, 1, static_cast<char>(random_.below(256))); return;
    case 3: octets.erase(at, some); return;
    case 4: octets.insert(place(octets), octets.substr(at, some)); return;
    case 5: octets.insert(at, spice[random_.below(spice.size())]); return;
    case 6: octets.resize(at); return;
    default: {  // the end of another one
      const std::string& other = seeds_[random_.below(seeds_.size())];
      octets.resize(at);
      octets.append(other, place(other));
    }
  }
}

}  // namespace backhaul::fuzz
