// SPDX-License-Identifier: Apache-2.0
// What machines could have in the place of neighbours, in the best case that can be: bounds, not programs.
#ifndef BACKHAUL_BENCH_FLEET_OTHERS_H
#define BACKHAUL_BENCH_FLEET_OTHERS_H

#include "bench/fleet_world.h"

namespace backhaul::fleet {

// All machines of a site give each other pieces while they come. Nothing can be faster: the origin sends each site one
// copy over its line, each machine takes no faster than others of its kind give on the whole, and the last piece goes
// from hand to hand, doubling.
Outcome run_swarm(const Setup& setup);

// One host of the site with a link of `cache_mbit`, which passes on what it is fetching, gives all of them the same.
Outcome run_cache(const Setup& setup, double cache_mbit);

}  // namespace backhaul::fleet

#endif
