// SPDX-License-Identifier: Apache-2.0
// The process beside this one that exchanges pieces of files (backhaul-swarm(8)), asked over the bus, which starts it
// when it is needed. Where it is not installed, or ends, or does not answer, that is an answer like any other: the file
// comes from somewhere else.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/log.h"
#include "bus/bus.h"
#include "ports/events.h"
#include "ports/swarm.h"

namespace backhaul::swarm {

class Client final : public ports::Swarm {
 public:
  // `limit`: of an answer. The bus outlives this.
  Client(bus::Bus& bus, ports::Inbox& inbox, base::Log& log, base::Microseconds limit = std::chrono::seconds(5))
      : bus_(bus), inbox_(inbox), log_(log), limit_(limit) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void join(base::TransferId transfer, const core::Swarmed& what) override;
  void leave(base::TransferId transfer) override;

 private:
  void answered(base::TransferId transfer, base::Result<core::SwarmPlace> place);
  void tell_that_it_left(base::TransferId transfer);

  bus::Bus& bus_;
  ports::Inbox& inbox_;
  base::Log& log_;
  const base::Microseconds limit_;
  bool absent_ = false;  // it was said in the log
  std::map<base::TransferId, bus::Slot> joined_;  // with the call, while it is not answered
};

}  // namespace backhaul::swarm
