// SPDX-License-Identifier: Apache-2.0
// The waiter of the calling thread, as set by the program.
#pragma once

#include <backhaul/threads.h>

namespace backhaul::client {

Waiter* waiter();  // null: none

}  // namespace backhaul::client
