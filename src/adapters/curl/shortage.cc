// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/shortage.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>

namespace backhaul::curl {

bool is_shortage(long error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

int short_of_descriptors(int count) {
  std::array<int, 16> taken{};
  int error = 0;
  int n = 0;
  for (; n < count && n < static_cast<int>(taken.size()); ++n) {
    taken[static_cast<std::size_t>(n)] = eventfd(0, EFD_CLOEXEC);
    if (taken[static_cast<std::size_t>(n)] >= 0) continue;
    error = errno;
    break;
  }
  while (n > 0) close(taken[static_cast<std::size_t>(--n)]);
  return is_shortage(error) ? error : 0;
}

}  // namespace backhaul::curl
