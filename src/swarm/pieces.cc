// SPDX-License-Identifier: Apache-2.0
#include "swarm/pieces.h"

#include <utility>

namespace backhaul::swarmd {

Pieces::Octets Pieces::take(std::uint32_t piece) {
  std::unique_lock lock(mutex_);
  if (closed_) return nullptr;
  Wait& wait = waits_[piece];  // stays where it is as long as somebody waits for it
  ++wait.readers;
  lock.unlock();
  ask_(piece);
  lock.lock();
  changed_.wait_for(lock, limit_, [&] { return closed_ || wait.answered; });
  Octets octets = closed_ ? nullptr : wait.octets;
  if (--wait.readers == 0) waits_.erase(piece);
  return octets;
}

void Pieces::arrived(std::uint32_t piece, Octets octets) {
  {
    const std::scoped_lock lock(mutex_);
    const auto wait = waits_.find(piece);
    if (wait == waits_.end()) return;
    wait->second.answered = true;
    wait->second.octets = std::move(octets);
  }
  changed_.notify_all();
}

void Pieces::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace backhaul::swarmd
