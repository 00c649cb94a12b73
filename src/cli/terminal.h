// SPDX-License-Identifier: Apache-2.0
// What the other end of a stream can show.
#pragma once

#include <cstddef>
#include <string>

namespace backhaul::cli {

struct Terminal {
  bool tty = false;
  std::size_t columns = 80;
  bool utf8 = false;
  bool colour = false;
};

// `colour_option`: "auto", "always", "never", or empty for auto. Auto is: a terminal, no NO_COLOR,
// and not TERM=dumb. Call setlocale() before.
Terminal look_at(int fd, const std::string& colour_option);
std::size_t columns_of(int fd);
std::size_t lines_of(int fd);

}  // namespace backhaul::cli
