// SPDX-License-Identifier: Apache-2.0
// The engine needs its adapters and the adapters need its inbox: they are given this one, which
// passes on to the engine once there is one. Nothing happens before the loop runs.
#pragma once

#include <utility>

#include "base/result.h"
#include "ports/events.h"

namespace backhaul::daemon {

class Relay final : public ports::Inbox {
 public:
  void connect(ports::Inbox& inbox) { inbox_ = &inbox; }
  void post(ports::Event event) override {
    BH_ASSERT(inbox_ != nullptr);
    inbox_->post(std::move(event));
  }

 private:
  ports::Inbox* inbox_ = nullptr;
};

}  // namespace backhaul::daemon
