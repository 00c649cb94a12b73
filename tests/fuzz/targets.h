// SPDX-License-Identifier: Apache-2.0
// What takes octets that a neighbour can send, or anybody in the network: each is fed with anything, and says what it
// did that it may not do.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace backhaul::fuzz {

struct Target {
  std::string name;
  // Empty: nothing is wrong.
  std::function<std::string(std::string_view octets)> take;
  std::vector<std::string> seeds;  // what is usually said
  unsigned runs = 4000;            // of the quick test
};

const std::vector<Target>& targets();

}  // namespace backhaul::fuzz
