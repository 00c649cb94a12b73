// SPDX-License-Identifier: Apache-2.0
// Clock and random numbers of the kernel.
#pragma once

#include <cstdint>
#include <string>

#include "ports/environment.h"

namespace backhaul::posix {

// Changes with every start of the machine; empty where /proc does not tell it.
std::string boot_id();

class SystemClock final : public ports::Clock {
 public:
  SystemClock();
  base::Instant now() const override;
  const std::string& boot_id() const override { return boot_id_; }

 private:
  std::string boot_id_;
};

class SystemRandom final : public ports::Random {
 public:
  base::JobId new_job_id() override;  // a UUID of version 4
  std::uint64_t draw() override;
};

}  // namespace backhaul::posix
