// SPDX-License-Identifier: Apache-2.0
// Is there a network? Read from the interfaces of the machine; rtnetlink tells when to look again.
// Down means that nothing but loopback is usable: an interface counts when it is up, running and
// has an address. Where the kernel gives no information the network counts as up, because a job
// that tries and fails is better than one that waits for ever.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/log.h"
#include "loop/loop.h"
#include "ports/environment.h"
#include "ports/events.h"

namespace backhaul::network {

class NetlinkEnvironment final : public ports::Environment {
 public:
  NetlinkEnvironment(loop::Loop& loop, ports::Inbox& inbox, base::Log& log);
  ~NetlinkEnvironment() override;

  bool network_up() const override { return up_; }
  core::Route route() const override { return route_; }

 private:
  struct View {
    bool up = true;
    // Interface and network of every address that reaches further than the link.
    std::set<std::string> connections;
  };
  std::optional<View> look() const;
  void open();
  void drain();
  void evaluate();

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  base::Log& log_;
  bool up_ = true;
  core::Route route_;
  std::set<std::string> connections_;
  int socket_ = -1;
  std::optional<loop::Io> io_;
  // A change comes as a dozen messages: they are looked at once, when all of them were read.
  loop::Deferred settled_;
};

}  // namespace backhaul::network
