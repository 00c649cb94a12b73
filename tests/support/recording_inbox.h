// SPDX-License-Identifier: Apache-2.0
// An inbox that only remembers: what an adapter told, in order.
#pragma once

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "ports/events.h"

namespace backhaul::test {

class RecordingInbox final : public ports::Inbox {
 public:
  void post(ports::Event event) override { events.push_back(std::move(event)); }

  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& event : events) {
      if (const auto* e = std::get_if<T>(&event)) found.push_back(*e);
    }
    return found;
  }
  template <class T>
  std::size_t count() const {
    return all<T>().size();
  }

  std::vector<ports::Event> events;
};

}  // namespace backhaul::test
