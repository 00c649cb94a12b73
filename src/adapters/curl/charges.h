// SPDX-License-Identifier: Apache-2.0
// What came over the network for each owner, until it is told (ports::Received), and of it from neighbours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "core/owner.h"
#include "loop/loop.h"
#include "ports/events.h"

namespace backhaul::curl {

class Charges {
 public:
  Charges(loop::Loop& loop, ports::Inbox& inbox);

  void add(const core::Owner& owner, std::size_t octets);
  // Of what was added just now: it is going to come once more.
  void take_back(const core::Owner& owner, std::size_t octets) { untold_[owner] -= octets; }
  void tell();

  // Of a file, and of use.
  void add_of_neighbour(std::size_t octets) { of_neighbours_ += octets; }
  std::uint64_t of_neighbours() const { return of_neighbours_; }

 private:
  loop::Loop& loop_;
  ports::Inbox& inbox_;
  std::map<core::Owner, std::uint64_t> untold_;
  std::uint64_t of_neighbours_ = 0;
  loop::Timer timer_;
};

}  // namespace backhaul::curl
