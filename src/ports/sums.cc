// SPDX-License-Identifier: Apache-2.0
// What the ports take and tell, as values (base/sum.h).
#include "ports/events.h"
#include "ports/queue.h"

template class backhaul::base::Sum<backhaul::ports::EventKinds>;
template class backhaul::base::Sum<backhaul::ports::CommandKinds>;
