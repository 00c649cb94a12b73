// SPDX-License-Identifier: Apache-2.0
// Where no systemd restarts the service, this small parent does: a crashed service comes back and
// goes on with its jobs although no client is there to call it. The service is a fork, not a second
// start: the guardian does nothing else before, so that the child is a fresh process, and a cold
// activation pays for loading the libraries once.
//
// When the guardian itself is killed the service goes on, unguarded: ending it with its parent
// would turn one loss into two. The next activation makes a new pair, because the lock and the bus
// name are those of the service.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace backhaul::daemon {

struct GuardianTimes {
  base::Microseconds first_delay = std::chrono::milliseconds(100);
  base::Microseconds longest_delay = std::chrono::seconds(30);
  base::Microseconds healthy = std::chrono::minutes(1);  // then the delay begins anew
  base::Microseconds stop_limit = std::chrono::seconds(10);
  base::Microseconds kill_limit = std::chrono::seconds(1);  // behind that
};

// The bus that a service is on. One that comes back goes to a bus of the same kind, or not at all: on
// another it would hold the queue where nobody looks for it.
enum class BusKind : std::uint8_t { any, session, own, machine };

// Tells whoever waits for it that the service is ready: the guardian that forked us, and systemd.
class Readiness {
 public:
  explicit Readiness(int guardian_fd = -1) : guardian_fd_(guardian_fd) {}
  void tell_bus(BusKind kind);  // before
  void tell();
  // Why it ends, as its last word to whoever comes after it.
  void tell_reason(std::string_view why) const;

 private:
  int guardian_fd_;
};

// What the guardian knows when all is over, and so does, in its place, a service that has none.
struct Guarded {
  std::optional<int> exit_code;  // set in the guardian, when all is over
  bool asked_to_end = false;     // by a signal
  bool ever_ready = false;
  BusKind bus = BusKind::any;    // that the service is on, or the one before it was
  Readiness readiness{-1};       // in the child, which is the service
  std::string previous_end;      // in the child: how the one before it ended, and why; empty: it is the first
  pid_t guardian = 0;            // in the child; 0: it was started without one

  // The guardian was killed, or there never was one: nobody tidies up behind this service.
  bool is_alone() const;
};

// Returns once in each child, and once in the guardian after a clean end of the service, after
// SIGTERM, or after an end that a restart does not cure: a service that never was ready and said
// why by its exit code, so that the bus can tell the caller, and one whose session is over.
Guarded stand_guard(const GuardianTimes& times);

}  // namespace backhaul::daemon
