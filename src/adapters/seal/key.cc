// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/key.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/result.h"

namespace backhaul::seal {
namespace {

std::size_t page_size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

// The search for leaks attaches to its own process, which this forbids.
void make_no_core_dump() {
#if !defined(__SANITIZE_ADDRESS__)
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace

Key::Key() {
  void* const page =
      mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  BH_ASSERT(page != MAP_FAILED);
  // Each of them is more than nothing, and none of them is a condition.
  (void)madvise(page, page_size(), MADV_DONTDUMP);
  (void)madvise(page, page_size(), MADV_WIPEONFORK);
  (void)mlock(page, page_size());
  make_no_core_dump();
  bytes_ = static_cast<std::uint8_t*>(page);
}

Key::~Key() {
  explicit_bzero(bytes_, key_size);
  munmap(bytes_, page_size());
}

}  // namespace backhaul::seal
