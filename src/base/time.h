// SPDX-License-Identifier: Apache-2.0
// Clock types. Run-time clocks are CLOCK_BOOTTIME (time asleep counts), shown times are wall time,
// what ends or deletes anything is service time; all in microseconds. Nobody below the Clock port
// reads a clock: `Instant` is handed down and stands still during a turn.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace backhaul::base {

using Microseconds = std::chrono::microseconds;

struct BootClock {  // a tag only: its now() is the Clock port
  using duration = Microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};
using BootTime = BootClock::time_point;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Microseconds>;

inline constexpr BootTime never = BootTime::max();

// How long the service has run over its queue, all its lives added up: it stands still while the
// service is down, and nobody can set it. A row that keeps the reading of a moment tells how much
// running time has passed since, over restarts and boots, without being written again.
struct ServiceClock {  // a tag as well: the engine adds it up
  using duration = Microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<ServiceClock>;
  static constexpr bool is_steady = true;
};
using ServiceTime = ServiceClock::time_point;

struct Instant {
  BootTime boot{};
  WallTime wall{};
  ServiceTime service{};
};

// Which boot of which machine: a digest of the name that the system has for it (64 bits of FNV-1a),
// because there is one in every deadline.
using BootId = std::uint64_t;
BootId boot_id_of(std::string_view name);

// When something is tried again, over restarts: within the same boot the boot clock decides, in
// another boot the wall clock, clamped to between nothing and the full period. Nor does a boot clock that
// went back, as that of a machine restored from a snapshot does, make it later than its period. For retries only: a
// wall clock that was set may make one come early, and must not end anything
// (docs/architecture.md).
struct StoredDeadline {
  BootId boot_id{};
  BootTime boot{};
  WallTime wall{};
  Microseconds period{};

  bool operator==(const StoredDeadline&) const = default;
};

StoredDeadline deadline_after(const Instant& now, BootId boot_id, Microseconds period);
// The same deadline on the clock of the present boot.
BootTime resolve(const StoredDeadline& deadline, const Instant& now, BootId boot_id);

// Microseconds since the epoch; 0 stands for "never happened" in rows and on the bus.
std::uint64_t to_epoch_us(WallTime time);
WallTime from_epoch_us(std::uint64_t us);

}  // namespace backhaul::base
