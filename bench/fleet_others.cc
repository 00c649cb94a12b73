// SPDX-License-Identifier: Apache-2.0
#include "bench/fleet_others.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "bench/fleet_network.h"

namespace backhaul::fleet {
namespace {

constexpr double octets_of_mbit = 1e6 / 8;

struct Site {
  std::vector<double> arrivals;  // in order
  double whole = 0;              // when the one copy of the origin is there
};

double octets_of(const Setup& setup) { return setup.mib * 1024 * 1024; }

// The line of the origin and those of the sites are shared as in the other simulation.
std::vector<Site> sites_with_a_copy(const Setup& setup) {
  std::vector<Site> sites(sites_of(setup));
  const std::vector<std::uint64_t> arrivals = arrivals_of(setup);
  for (std::size_t machine = 0; machine < arrivals.size(); ++machine)
    sites[site_of(setup, machine)].arrivals.push_back(static_cast<double>(arrivals[machine]) / 1e6);
  std::vector<Place> places;
  for (std::size_t number = 0; number < sites.size(); ++number) {
    std::ranges::sort(sites[number].arrivals);
    places.push_back({.site = number, .domain = 0});
  }
  Network network({.origin = setup.origin_mbit * octets_of_mbit,
                   .wan = setup.wan_mbit * octets_of_mbit,
                   .down = setup.link_mbit * octets_of_mbit,
                   .give = 0},
                  std::move(places), sites.size(), 1, 1);
  std::vector<std::size_t> order(sites.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t one) { return sites[one].arrivals.front(); });
  auto next = order.begin();
  for (;;) {
    const auto due = network.next();
    if (next != order.end() && (!due || sites[*next].arrivals.front() < due->when)) {
      network.from_origin(sites[*next].arrivals.front(), *next, octets_of(setup));
      ++next;
    } else if (due) {
      network.end(due->when, due->machine);
      sites[due->machine].whole = due->when;
    } else {
      return sites;
    }
  }
}

void note(Outcome& outcome, double arrival, double has) {
  outcome.took.push_back(has - arrival);
  outcome.done.push_back(has);
}

Outcome ordered(Outcome outcome, const std::vector<Site>& sites) {
  outcome.copies = static_cast<double>(sites.size());
  outcome.wanting = outcome.took.size();
  double begin = sites.front().arrivals.front();
  for (const Site& site : sites) begin = std::min(begin, site.arrivals.front());
  for (double& one : outcome.done) one -= begin;
  std::ranges::sort(outcome.took);
  std::ranges::sort(outcome.done);
  return outcome;
}

}  // namespace

Outcome run_swarm(const Setup& setup) {
  const double size = octets_of(setup);
  const double give = given_by(setup) * octets_of_mbit;
  const double piece = std::clamp(size / 1024, 64.0 * 1024, 4.0 * 1024 * 1024);
  const double taking = size / std::min(give, setup.link_mbit * octets_of_mbit);
  const std::vector<Site> sites = sites_with_a_copy(setup);
  Outcome outcome;
  for (const Site& site : sites) {
    const double doublings = std::ceil(std::log2(static_cast<double>(site.arrivals.size())));
    for (const double arrival : site.arrivals)
      note(outcome, arrival, std::max(arrival + taking, site.whole + doublings * piece / give));
  }
  return ordered(std::move(outcome), sites);
}

Outcome run_cache(const Setup& setup, double cache_mbit) {
  const std::vector<Site> sites = sites_with_a_copy(setup);
  Outcome outcome;
  for (const Site& site : sites) {
    // To this network the host is an origin, and all machines are at one site.
    const double line = cache_mbit * octets_of_mbit;
    Network network({.origin = line, .wan = line, .down = setup.link_mbit * octets_of_mbit, .give = 0},
                    std::vector<Place>(site.arrivals.size()), 1, 1, 1);
    std::size_t begun = 0;
    for (;;) {
      const auto due = network.next();
      if (begun < site.arrivals.size() && (!due || site.arrivals[begun] < due->when)) {
        network.from_origin(site.arrivals[begun], begun, octets_of(setup));
        ++begun;
      } else if (due) {
        network.end(due->when, due->machine);
        note(outcome, site.arrivals[due->machine], std::max(due->when, site.whole));
      } else {
        break;
      }
    }
  }
  return ordered(std::move(outcome), sites);
}

}  // namespace backhaul::fleet
