// SPDX-License-Identifier: Apache-2.0
#include "bits/wakeup.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <new>

namespace backhaul::bits {

Deadline deadline_in(unsigned milliseconds) {
  if (milliseconds == 0xFFFFFFFFU) return std::nullopt;
  return Clock::now() + std::chrono::milliseconds(milliseconds);
}

Wakeup::Wakeup() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::bad_alloc();
}

Wakeup::~Wakeup() { close(fd_); }

// Neither can fail but by a full or an empty counter, and these are as good as success.
void Wakeup::wake() {
  const std::uint64_t one = 1;
  static_cast<void>(!write(fd_, &one, sizeof(one)));
}

void Wakeup::clear() {
  std::uint64_t count = 0;
  static_cast<void>(!read(fd_, &count, sizeof(count)));
}

void Wakeup::wait(const Deadline& deadline) {
  pollfd fd{fd_, POLLIN, 0};
  if (!deadline) {
    ppoll(&fd, 1, nullptr, nullptr);
    return;
  }
  const auto left = std::max(std::chrono::nanoseconds::zero(),
                             std::chrono::nanoseconds(*deadline - Clock::now()));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec limit{seconds.count(), (left - seconds).count()};
  ppoll(&fd, 1, &limit, nullptr);
}

}  // namespace backhaul::bits
