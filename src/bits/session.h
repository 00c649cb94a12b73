// SPDX-License-Identifier: Apache-2.0
// The way to the service, and the one thing to know about fork: a child has the memory of its
// parent but not its threads, so it must not touch a lock of ours before it has looked here.
#ifndef SRC_BITS_SESSION_H
#define SRC_BITS_SESSION_H

#include "backhaul/client.h"

namespace backhaul::bits {

// Reaches the service. The process that does so first owns what this library holds; a program that
// forks before its first use works in the child.
Result<Client> connect();

// From now on it is that of the machine. False: too late, one is in use.
bool use_system();

// Whether this process is a child of the one that connected.
bool forked();

}  // namespace backhaul::bits

#endif
