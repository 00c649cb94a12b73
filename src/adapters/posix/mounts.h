// SPDX-License-Identifier: Apache-2.0
// Which of the file systems that are mounted are served by somebody else, a server on the network or a
// process: one of these may stop answering, and whoever asks it for something waits in the kernel. The
// table of the kernel tells; no file system is touched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/posix/descriptor.h"

namespace backhaul::posix {

class Mounts {
 public:
  explicit Mounts(const char* table = "/proc/self/mountinfo");

  // Where the one is mounted that this path lies on; empty: a file system of this machine. Links are not
  // followed, because that would touch one.
  std::string served_elsewhere(std::string_view path);

 private:
  struct Mount {
    std::string point;
    bool elsewhere = false;
  };
  void read();
  bool is_stale() const;

  Descriptor table_;
  std::vector<Mount> mounts_;  // the longest path first
  bool any_elsewhere_ = false;
};

}  // namespace backhaul::posix
