// SPDX-License-Identifier: Apache-2.0
// What a failed call of a client's object says about the client, and how the bus is asked where it says
// nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "adapters/dbus/calls.h"
#include "bus/bus.h"
#include "bus/names.h"
#include "ports/events.h"
#include "ports/notifier.h"

namespace backhaul::dbus {

inline bool has_left(const bus::Failure& failure) {
  return failure.is(bus::service_unknown) || failure.is(bus::name_has_no_owner);
}

// The bus says the same whether the callee died or did not answer.
inline bool may_have_left(const bus::Failure& failure) {
  return failure.is(bus::no_reply) || failure.is(bus::disconnected);
}

// Who of the two is left? `done` is told `failed` where the callee lives and `gone` where it does not; unset:
// our own connection is gone, and the next run of the service tells or asks again.
[[nodiscard]] inline bus::Slot ask_who_is_left(
    bus::Bus& bus, const std::string& callee,
    std::move_only_function<void(std::optional<ports::NotifyOutcome>)> done) {
  return bus.call_async<bool>(
      bus_call("NameHasOwner"),
      [done = std::move(done)](const bus::Outcome<bool>& alive) mutable {
        if (!alive) return done({});
        done(std::get<0>(*alive) ? ports::NotifyOutcome::failed : ports::NotifyOutcome::gone);
      },
      callee);
}

inline bool is_unknown_method(const bus::Failure& failure) {
  return failure.name.ends_with(".UnknownMethod") || failure.name.ends_with(".UnknownInterface");
}

inline std::string told(const bus::Failure& failure) {
  return failure.text.empty() ? failure.name : failure.name + ": " + failure.text;
}

// How a class is told of that could not be started, or gave nobody to call: `what`, and why.
inline ports::DeliveryEnded class_unavailable(base::Ticket ticket, const std::string& name, const std::string& what,
                                              const bus::Failure& failure) {
  const base::Code code = failure.is(bus::service_unknown) ? base::Code::REGDB_E_CLASSNOTREG
                                                           : base::Code::CO_E_SERVER_EXEC_FAILURE;
  return {ticket, ports::NotifyOutcome::unavailable, code, "the class " + name + " " + what + ": " + told(failure)};
}

inline constexpr char not_started[] = "could not be started";

}  // namespace backhaul::dbus
