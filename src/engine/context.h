// SPDX-License-Identifier: Apache-2.0
// What every part may use: the settings, the clocks as they were read for this turn, the committed
// table, and the ports that are asked something within a turn. Whatever is to be done outside, or asked
// of what may take its time, is an effect (effects.h).
#pragma once

#include <memory>

#include "engine/clocks.h"
#include "engine/settings.h"
#include "engine/table.h"
#include "ports/crash_page.h"
#include "ports/environment.h"
#include "ports/sealer.h"

namespace backhaul::engine {

struct Context {
  Settings settings;
  // What is laid down, as the last commit left it; a turn may know better (Conditions::policy).
  std::shared_ptr<const core::Policy> policy = std::make_shared<core::Policy>();
  Clocks clocks;
  Table table;

  ports::Random& random;
  ports::Sealer& sealer;
  ports::CrashPage& crash_page;

  const base::Instant& now() const { return clocks.now(); }
};

}  // namespace backhaul::engine
