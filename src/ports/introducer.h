// SPDX-License-Identifier: Apache-2.0
// Makes this machine and another one of its group known to each other (core/introduction.h). Loop thread only; it
// returns at once. No part of the engine asks for it: who is a neighbour is the business of the site.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/neighbours.h"

namespace backhaul::ports {

class Introducer {
 public:
  virtual ~Introducer() = default;
  // By the secret of the group, which stays where it is. In lower-case hex.
  using Prove = std::function<std::string(std::string_view words)>;
  // Its whole key; empty: it did not answer, or did not prove that it has the secret as well.
  using Told = std::move_only_function<void(std::string key)>;
  // `whom`: of its key the beginning is enough; another machine than that one is nobody. `told` runs once, some seconds
  // later at most, or never where the introducer goes before.
  virtual void introduce(core::Neighbour whom, Prove prove, Told told) = 0;
};

}  // namespace backhaul::ports
