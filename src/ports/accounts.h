// SPDX-License-Identifier: Apache-2.0
// The accounts of the machine: whether those that jobs belong to are still what they were.
#pragma once

#include "core/account.h"

namespace backhaul::ports {

class Accounts {
 public:
  virtual ~Accounts() = default;
  // From now on AccountsChanged tells when it is somebody else's, or nobody's, and when it is back. False: nobody has
  // looked yet, and an AccountsChanged says within a second that somebody has, or that it takes too long to wait for.
  virtual bool watch(const core::Account& account) = 0;
  // Nobody has a job by that account any more.
  virtual void forget(const core::Account& account) = 0;
};

}  // namespace backhaul::ports
