// SPDX-License-Identifier: Apache-2.0
// Whether what is written to a descriptor goes to the journal.
#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <string>

namespace backhaul::posix {

// systemd tells a process the device and the inode of the stream that it was given. Whoever inherits the variable need
// not have that stream.
inline bool is_journal(int fd) {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  return stream != nullptr && fstat(fd, &status) == 0 &&
         std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

}  // namespace backhaul::posix
