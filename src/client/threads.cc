// SPDX-License-Identifier: Apache-2.0
#include <backhaul/threads.h>

#include <utility>

#include "client/waiter.h"

namespace backhaul {

namespace {
thread_local Waiter* the_waiter = nullptr;
}

Executor::Executor() = default;
Executor::~Executor() = default;
Waiter::Waiter() = default;
Waiter::~Waiter() = default;

Waiter* set_waiter(Waiter* waiter) { return std::exchange(the_waiter, waiter); }

namespace client {
Waiter* waiter() { return the_waiter; }
}  // namespace client

}  // namespace backhaul
