// SPDX-License-Identifier: Apache-2.0
#include "bus/slot.h"

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

namespace backhaul::bus {

Slot& Slot::operator=(Slot&& other) noexcept {
  if (this != &other) {
    reset();
    slot_ = std::exchange(other.slot_, nullptr);
    source_ = std::exchange(other.source_, nullptr);
  }
  return *this;
}

void Slot::reset() {
  if (slot_ != nullptr) sd_bus_slot_unref(std::exchange(slot_, nullptr));
  if (source_ != nullptr) sd_event_source_disable_unref(std::exchange(source_, nullptr));
}

void Slot::detach() {
  if (slot_ != nullptr) sd_bus_slot_set_floating(slot_, 1);
  if (source_ != nullptr) sd_event_source_set_floating(source_, 1);
  if (slot_ != nullptr) sd_bus_slot_unref(std::exchange(slot_, nullptr));
  if (source_ != nullptr) sd_event_source_unref(std::exchange(source_, nullptr));
}

}  // namespace backhaul::bus
