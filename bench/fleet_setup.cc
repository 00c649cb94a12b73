// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/random.h"
#include "bench/fleet_world.h"
#include "core/neighbours.h"

namespace backhaul::fleet {

std::size_t domains_of(const Setup& setup) { return (setup.machines + setup.domain - 1) / setup.domain; }

std::size_t sites_of(const Setup& setup) {
  return (domains_of(setup) + setup.domains_of_site - 1) / setup.domains_of_site;
}

// As many in each as there can be.
std::size_t domain_of(const Setup& setup, std::size_t machine) {
  return machine * domains_of(setup) / setup.machines;
}

std::size_t site_of(const Setup& setup, std::size_t machine) {
  return domain_of(setup, machine) / setup.domains_of_site;
}

double given_by(const Setup& setup) {
  return setup.give_mbit > 0 ? setup.give_mbit : setup.link_mbit * core::NeighbourRules().serve_percent.value / 100;
}

std::size_t given_at_once(const Setup& setup) {
  return setup.given_at_once > 0 ? setup.given_at_once : core::NeighbourRules().served_at_once.value;
}

std::vector<std::uint64_t> arrivals_of(const Setup& setup) {
  constexpr std::uint64_t second = 1'000'000;
  base::Prng random(setup.seed ^ 0x6172726976616cU);
  std::vector<std::uint64_t> all(setup.machines);
  for (std::size_t machine = 0; machine < setup.machines; ++machine) {
    switch (setup.arrival) {
      case Arrival::at_once: all[machine] = random.below(second); break;
      case Arrival::apart:
        all[machine] = static_cast<std::uint64_t>(static_cast<double>(machine) * setup.apart_s * 1e6);
        break;
      case Arrival::hour: all[machine] = random.below(3600 * second); break;
      case Arrival::waves:
        all[machine] = (domain_of(setup, machine) % 24) * 600 * second + random.below(60 * second);
        break;
    }
  }
  return all;
}

}  // namespace backhaul::fleet
