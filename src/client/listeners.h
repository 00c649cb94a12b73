// SPDX-License-Identifier: Apache-2.0
// Who wants to hear the service's signals: subscriptions and wait(). They are told on the I/O
// thread, so they only take a note and return.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/ids.h"

namespace backhaul::client {

struct Event {
  // gap: signals may have been missed; `job` means nothing.
  enum class Kind { added, removed, changed, gap } kind;
  base::JobId job;
  std::vector<std::string> properties;
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual void hear(const Event& event) = 0;
};

class Listeners {
 public:
  void add(std::weak_ptr<Listener> listener);
  void tell(const Event& event);
  bool empty();

 private:
  std::vector<std::shared_ptr<Listener>> living();

  std::mutex mutex_;
  std::vector<std::weak_ptr<Listener>> list_;
};

}  // namespace backhaul::client
