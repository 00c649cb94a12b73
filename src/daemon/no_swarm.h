// SPDX-License-Identifier: Apache-2.0
// Where no swarm can be joined: nothing is there to exchange pieces with others.
#pragma once

#include "ports/events.h"
#include "ports/swarm.h"

namespace backhaul::daemon {

class NoSwarm final : public ports::Swarm {
 public:
  explicit NoSwarm(ports::Inbox& inbox) : inbox_(inbox) {}

  void join(base::TransferId transfer, const core::Swarmed&) override {
    inbox_.post(ports::SwarmAnswered{
        .transfer = transfer,
        .place = base::Error(base::Code::BG_E_NOT_FOUND, "this service was built without swarms")});
  }
  void leave(base::TransferId) override {}

 private:
  ports::Inbox& inbox_;
};

}  // namespace backhaul::daemon
