// SPDX-License-Identifier: Apache-2.0
#include "client/listeners.h"

#include <utility>

namespace backhaul::client {

void Listeners::add(std::weak_ptr<Listener> listener) {
  const std::scoped_lock lock(mutex_);
  list_.push_back(std::move(listener));
}

// The references are taken under the lock and used without it: a listener may go meanwhile.
std::vector<std::shared_ptr<Listener>> Listeners::living() {
  std::vector<std::shared_ptr<Listener>> found;
  const std::scoped_lock lock(mutex_);
  std::erase_if(list_, [&](const auto& weak) {
    auto listener = weak.lock();
    if (listener == nullptr) return true;
    found.push_back(std::move(listener));
    return false;
  });
  return found;
}

void Listeners::tell(const Event& event) {
  for (const auto& listener : living()) listener->hear(event);
}

bool Listeners::empty() { return living().empty(); }

}  // namespace backhaul::client
