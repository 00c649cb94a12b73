// SPDX-License-Identifier: Apache-2.0
// Which service a program gets that names none. A user has one; root, and whoever runs without a session (units of
// the system, cron), uses that of the machine where it is installed. Jobs that they made before are finished where
// they are.
#pragma once

#include <string>
#include <string_view>

#include "bus/place.h"

namespace backhaul::bus {

struct InstanceFacts {
  std::string_view asked;  // $BACKHAUL_INSTANCE: "user", "system"; anything else says nothing
  bool root = false;
  bool session = false;    // there is a bus of a session
  bool own_work = false;   // a queue of this user with something to do
};

enum class InstanceChoice {
  user,
  machine,
  machine_if_installed,
  user_before_machine,  // it would be that of the machine, were there not the own queue
};
InstanceChoice choose_instance(const InstanceFacts& facts);

struct DefaultInstance {
  bool machine = false;
  std::string reason;  // why it is not the one that it would be; a sentence, mostly empty
};
DefaultInstance default_instance(const Place& place);

}  // namespace backhaul::bus
