// SPDX-License-Identifier: Apache-2.0
// Who asks more than anybody needs to: four thousand connections and requests of one address at once, and two hundred a
// second from then on. Whoever is above it is dropped without an answer. A job of a thousand small files is below it.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace backhaul::neighbours {

class Flood {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr double most_at_once = 4000;
  static constexpr double most_per_second = 200;
  static constexpr std::size_t most_known = 256;  // addresses (address_of in attempts.h)

  // It connects, or asks for something. False: it is to be dropped.
  bool bears(const std::string& from, Clock::time_point now);
  std::size_t known() const { return buckets_.size(); }

 private:
  struct Bucket {
    double left = most_at_once;
    Clock::time_point filled{};
  };

  void make_room();

  std::map<std::string, Bucket> buckets_;
};

}  // namespace backhaul::neighbours
