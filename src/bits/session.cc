// SPDX-License-Identifier: Apache-2.0
#include "bits/session.h"

#include <unistd.h>

#include <atomic>

namespace backhaul::bits {

namespace {
std::atomic<pid_t> owner{0};
std::atomic<bool> system_wanted{false};
}

bool use_system() {
  if (owner.load() != 0) return system_wanted.load();
  system_wanted.store(true);
  return true;
}

bool forked() {
  const pid_t pid = owner.load(std::memory_order_relaxed);
  return pid != 0 && pid != getpid();
}

Result<Client> connect() {
  if (forked()) return Error(code::rpc_e_disconnected);
  ConnectOptions options;
  options.system = system_wanted.load(std::memory_order_relaxed);
  Result<Client> client = Client::connect(options);
  if (client) owner.store(getpid(), std::memory_order_relaxed);
  return client;
}

}  // namespace backhaul::bits
