// SPDX-License-Identifier: Apache-2.0
// Where libFuzzer begins, for the one target that this program is for (FUZZ_TARGET).
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/targets.h"

namespace {

const backhaul::fuzz::Target& target() {
  for (const backhaul::fuzz::Target& one : backhaul::fuzz::targets())
    if (one.name == FUZZ_TARGET) return one;
  std::fputs("there is no target " FUZZ_TARGET "\n", stderr);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const backhaul::fuzz::Target& own = target();
  const std::string wrong = own.take({reinterpret_cast<const char*>(data), size});
  if (wrong.empty()) return 0;
  std::fprintf(stderr, "%s\n", wrong.c_str());
  std::abort();
}
