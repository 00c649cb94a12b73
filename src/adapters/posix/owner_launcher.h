// SPDX-License-Identifier: Apache-2.0
// ports::Launcher of a service without rights: each command line is run by a process of the account that set it
// (helper_launcher.h), which is told what to run and says how it ended. That one goes on when the service ends, and then
// nobody hears of it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "adapters/posix/descriptor.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/launcher.h"

namespace backhaul::posix {

class OwnerLauncher final : public ports::Launcher {
 public:
  // Starts the process, which serves the socket that it is given an end of. False: it cannot be started. A worker.
  using Start = std::function<bool(const core::Owner& owner, Descriptor socket)>;
  OwnerLauncher(loop::Loop& loop, ports::Inbox& inbox, Start start)
      : loop_(loop), inbox_(inbox), start_(std::move(start)), worker_(loop, 1) {}

  void run(ports::Launch launch) override;

 private:
  struct Run {
    std::string program;
    Descriptor socket;
    std::optional<loop::Io> answers;
  };
  void begun(base::Ticket ticket, std::string program, Descriptor socket);
  void answered(base::Ticket ticket);
  void unavailable(base::Ticket ticket, std::string text);

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  const Start start_;
  std::map<base::Ticket, Run> runs_;
  loop::Worker worker_;
};

// The other end: the process of the account. Hears one command line and says how it ended.
std::optional<ports::Launch> hear_launch(int socket);
void say_ended(int socket, const ports::DeliveryEnded& ended);

}  // namespace backhaul::posix
