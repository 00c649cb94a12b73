// SPDX-License-Identifier: Apache-2.0
// The keys of settings files that lay down what the world has to be like for jobs (core/admit.h):
// [Cost], [Power], [Network], [Bandwidth…] and [Budget…]. Each value remembers the line that says it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/admit.h"

namespace backhaul::daemon {

struct PolicyLine {
  std::string_view section;
  std::string_view key;
  std::string_view value;  // empty: back to the default, or for a user to what the machine says
  std::string where;       // "file:line"
};

struct PolicyVerdict {
  bool known = true;    // there is such a key
  std::string error;    // it cannot be understood
  std::string warning;  // it is not taken, or not as it stands
  bool refused = false;  // what the machine says holds instead
  std::string used = {};  // where that is not what stands there
};

// `machine`: set while a user's file is read, which may make tighter what the machine's files say.
PolicyVerdict set_policy(core::Policy& policy, const core::Policy* machine, const PolicyLine& line);

// What is to be said when all is read, since the lines of a budget may stand in any order: each StartDay that is none of
// its Period. `said`: who says what.
std::vector<std::string> warnings_of_start_days(const core::Policy& policy, const core::PolicyList& said);

}  // namespace backhaul::daemon
