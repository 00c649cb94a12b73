// SPDX-License-Identifier: Apache-2.0
// Makes other octets of those that are usual: the same ones for the same seed, on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"

namespace backhaul::fuzz {

class Mutator {
 public:
  Mutator(const std::vector<std::string>& seeds, std::uint64_t seed) : seeds_(seeds), random_(seed) {}
  std::string next();

 private:
  void change(std::string& octets);
  std::size_t place(const std::string& octets) { return random_.below(octets.size() + 1); }

  const std::vector<std::string>& seeds_;
  base::Prng random_;
};

}  // namespace backhaul::fuzz
