// SPDX-License-Identifier: Apache-2.0
// The rest of the world: clock, random numbers, network.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/time.h"
#include "core/budget.h"

namespace backhaul::ports {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual base::Instant now() const = 0;
  virtual const std::string& boot_id() const = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  virtual base::JobId new_job_id() = 0;
  virtual std::uint64_t draw() = 0;  // any number
};

// Changes come as NetworkChanged and RouteChanged. Down: no interface but lo is up; no information means up.
class Environment {
 public:
  virtual ~Environment() = default;
  virtual bool network_up() const = 0;
  virtual core::Route route() const = 0;
};

}  // namespace backhaul::ports
