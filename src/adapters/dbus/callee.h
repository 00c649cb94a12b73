// SPDX-License-Identifier: Apache-2.0
// What a failed call of a client's object says about the client.
#pragma once

#include <string>

#include "bus/bus.h"
#include "bus/names.h"

namespace backhaul::dbus {

inline bool has_left(const bus::Failure& failure) {
  return failure.is(bus::service_unknown) || failure.is(bus::name_has_no_owner);
}

// The bus says the same whether the callee died or did not answer.
inline bool may_have_left(const bus::Failure& failure) {
  return failure.is(bus::no_reply) || failure.is(bus::disconnected);
}

inline bool is_unknown_method(const bus::Failure& failure) {
  return failure.name.ends_with(".UnknownMethod") || failure.name.ends_with(".UnknownInterface");
}

inline std::string told(const bus::Failure& failure) {
  return failure.text.empty() ? failure.name : failure.name + ": " + failure.text;
}

}  // namespace backhaul::dbus
