// SPDX-License-Identifier: Apache-2.0
// A file descriptor that is closed at the end of the scope.
#pragma once

#include <unistd.h>

namespace backhaul::sqlite {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace backhaul::sqlite
