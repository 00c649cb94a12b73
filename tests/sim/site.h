// SPDX-License-Identifier: Apache-2.0
// Neighbours of a swarm run: they come and go, fetch files, break off, and some of them lie.
#pragma once

#include "base/random.h"
#include "tests/sim/world.h"

namespace backhaul::sim {

// Three of them, of whom files may be had from now on.
void open_site(World& world, bool colleagues_are_believed, base::Prng& dice);
// Another day: what they have, and how they behave.
void change_the_site(World& world, base::Prng& dice);

}  // namespace backhaul::sim
