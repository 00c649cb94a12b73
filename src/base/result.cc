// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace backhaul::base {

void assertion_failed(const char* what, std::source_location where) {
  std::fprintf(stderr, "backhaul: assertion failed: %s (%s:%u in %s)\n", what, where.file_name(),
               static_cast<unsigned>(where.line()), where.function_name());
  std::abort();
}

}  // namespace backhaul::base
