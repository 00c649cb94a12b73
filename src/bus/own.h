// SPDX-License-Identifier: Apache-2.0
// For the parts of this folder that hand closures to sd-bus.
#pragma once

#include <systemd/sd-bus.h>

#include <memory>

#include "bus/slot.h"

namespace backhaul::bus {

// Gives `state` to the slot: it is freed when sd-bus has let go of the slot, which may be later
// than ~Slot when a callback of that slot is running.
template <class State>
Slot own(sd_bus_slot* slot, std::unique_ptr<State> state) {
  sd_bus_slot_set_destroy_callback(slot, [](void* data) { delete static_cast<State*>(data); });
  state.release();
  return Slot(slot);
}

}  // namespace backhaul::bus
