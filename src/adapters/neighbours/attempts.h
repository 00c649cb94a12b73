// SPDX-License-Identifier: Apache-2.0
// How often somebody may fail to prove that he belongs to the group: three times a minute for each address, so that
// nobody tries out secrets here, or keeps this machine busy with it.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string>

struct sockaddr;

namespace backhaul::neighbours {

class Attempts {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t most_failures = 3;
  static constexpr Clock::duration period = std::chrono::minutes(1);
  static constexpr std::size_t most_known = 256;  // whoever has more addresses than that is not held up

  bool may(const std::string& from, Clock::time_point now);
  void failed(const std::string& from, Clock::time_point now);

 private:
  void forget(const std::string& from, Clock::time_point now);

  std::map<std::string, std::deque<Clock::time_point>> failures_;
};

// What counts as one address: of IPv6 a network, all of which one machine may have.
std::string address_of(const sockaddr* address);

}  // namespace backhaul::neighbours
