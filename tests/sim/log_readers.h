// SPDX-License-Identifier: Apache-2.0
// Listeners that were away: each asks for the events after the last number it knows, in pages of its
// own size, whether the service died in between or not. In the end each has seen every event that it
// may see, and each once.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "tests/sim/world.h"

namespace backhaul::sim {

class LogReaders {
 public:
  LogReaders(World& world, std::uint64_t seed);

  // They read now and then from here on, until the world is healed.
  void begin();
  void read_to_the_end();

 private:
  struct Reader {
    std::uint32_t uid = 0;
    std::uint32_t page = 1;
    std::uint64_t since = 0;
    std::vector<std::uint64_t> seen;
  };
  bool read(Reader& reader);

  World& world_;
  base::Prng prng_;  // its own: they only look
  std::vector<Reader> readers_;
};

}  // namespace backhaul::sim
