// SPDX-License-Identifier: Apache-2.0
// Who may do something with the jobs of others beside root: whom polkit authorises. It is asked by a plain call
// for the one call of a client that needs it, and its word counts for no other. Which calls those are is told by
// their path and name, before they are decoded. Where there is no polkit, or it does not answer, nobody is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/log.h"
#include "bus/bus.h"
#include "core/admission.h"
#include "ports/queue.h"

namespace backhaul::dbus {

class Authority {
 public:
  Authority(bus::Bus& bus, base::Log& log) : bus_(bus), log_(log) {}

  // Nobody needs anything before.
  void serve(const ports::Queue& queue) { queue_ = &queue; }

  // What this call would take that the caller does not have by itself. Unset: nothing, or nothing that could be
  // given: what is in a sandbox gets no more than its own, and secrets are for the owner of a job alone.
  std::optional<core::Right> wanted(const bus::Message& call, const ports::Caller& caller) const;
  // The question is withdrawn with the slot. It may take as long as somebody needs to type a password, if the
  // caller said that it may.
  [[nodiscard]] bus::Slot ask(const bus::Message& call, core::Right right, std::function<void(bool)> answered);

 private:
  std::optional<core::Right> wanted_of_queue(const bus::Message& call, std::uint32_t uid) const;
  bool is_of_another(const base::JobId& job, std::uint32_t uid) const;

  bus::Bus& bus_;
  base::Log& log_;
  const ports::Queue* queue_ = nullptr;
  bool missed_ = false;  // it was said that it does not answer
};

}  // namespace backhaul::dbus
