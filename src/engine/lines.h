// SPDX-License-Identifier: Apache-2.0
// Commands that wait: the first of a client for what the world says of its files, the others because
// one client's commands are carried out in the order in which they came.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/ids.h"
#include "base/result.h"
#include "ports/events.h"
#include "ports/files.h"
#include "ports/queue.h"

namespace backhaul::engine {

// What the world was asked for a command, and what it said.
struct Clearance {
  std::shared_ptr<const ports::Destinations> asked;
  std::optional<base::Error> refusal;
  std::optional<core::ClientCertificate> certificate{};
};

// Whatever is large is shared: every turn that changes a line makes a copy of it.
struct WaitingCommand {
  std::shared_ptr<const ports::Command> command;
  base::CheckId check = base::CheckId::none;  // under way, or answered; none: nothing was asked
  std::shared_ptr<const ports::Destinations> asked;
  std::shared_ptr<const Clearance> clearance;  // null: nothing was said yet

  bool may_go_on() const { return check == base::CheckId::none || clearance != nullptr; }
  bool operator==(const WaitingCommand&) const = default;
};

struct Line {
  std::deque<WaitingCommand> commands;
  // The client has left the bus. What it sent before is carried out; then this is said once more, for
  // whatever those commands left for it.
  std::optional<ports::PeerGone> left;

  bool operator==(const Line& other) const {
    return commands == other.commands && left.has_value() == other.left.has_value();
  }
};

using Lines = std::unordered_map<base::PeerId, Line>;

}  // namespace backhaul::engine
