// SPDX-License-Identifier: Apache-2.0
// The second process of adapters/sqlite/salvage.h, by itself. --die-after=N: it is killed, by itself,
// when it has written N rows.
#include <signal.h>

#include <cstdlib>
#include <string_view>

#include "adapters/sqlite/salvage.h"

int main(int argc, char** argv) {
  constexpr std::string_view option = "--die-after=";
  if (argc == 3) return backhaul::sqlite::run_salvage(argv[1], argv[2]);
  if (argc != 4 || !std::string_view(argv[1]).starts_with(option)) return 64;
  int left = std::atoi(argv[1] + option.size());
  const auto saved = backhaul::sqlite::salvage(argv[2], argv[3], [&left] {
    if (--left == 0) raise(SIGKILL);
  });
  return saved ? 0 : 65;
}
