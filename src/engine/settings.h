// SPDX-License-Identifier: Apache-2.0
// What the engine is given once: numbers of its own, and what is laid down until that is read again.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "core/admission.h"
#include "core/admit.h"

namespace backhaul::engine {

struct Settings {
  std::uint32_t notifications_per_user = 4;
  std::uint32_t questions_per_program = 4;  // about certificates, at once
  std::uint32_t registrations_per_program = 100'000;  // jobs with an object of one connection
  base::Microseconds class_start_timeout = std::chrono::seconds(60);
  base::Microseconds store_retry = std::chrono::seconds(5);
  base::Microseconds shortage_retry = std::chrono::seconds(5);  // doubles up to a minute
  base::Microseconds inactivity_scan = std::chrono::hours(1);  // how long it ran is kept as often
  bool machine_wide = false;  // one service for all users
  std::uint32_t inputs_per_turn = 256;
  core::Policy policy{};  // what is laid down, until the settings are read again
  core::Homes homes{};  // of the user: where confined applications have their folders
};

}  // namespace backhaul::engine
