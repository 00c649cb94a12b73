// SPDX-License-Identifier: Apache-2.0
// A subscription, a registered object or a call in flight: it ends when its Slot is destroyed. What
// the callback holds lives exactly as long as the slot (sd-bus does not call pending reply
// callbacks when a bus is closed, so nothing may be freed there).
#pragma once

#include <utility>

struct sd_bus_slot;
struct sd_event_source;

namespace backhaul::bus {

class Slot {
 public:
  Slot() = default;
  explicit Slot(sd_bus_slot* slot) : slot_(slot) {}
  // A call that could not be sent: its callback waits for the next turn of the loop.
  explicit Slot(sd_event_source* source) : source_(source) {}
  Slot(Slot&& other) noexcept
      : slot_(std::exchange(other.slot_, nullptr)),
        source_(std::exchange(other.source_, nullptr)) {}
  Slot& operator=(Slot&& other) noexcept;
  ~Slot() { reset(); }

  explicit operator bool() const { return slot_ != nullptr || source_ != nullptr; }
  void reset();
  // Lets it live as long as the bus, or until the reply of a call came.
  void detach();

 private:
  sd_bus_slot* slot_ = nullptr;
  sd_event_source* source_ = nullptr;
};

}  // namespace backhaul::bus
