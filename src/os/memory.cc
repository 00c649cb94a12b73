// SPDX-License-Identifier: Apache-2.0
#include "os/memory.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <climits>
#include <cstdint>
#include <memory>
#include <vector>

namespace backhaul::os {
namespace {

constexpr std::size_t worth_it = std::size_t{4} << 20;
// What malloc gives from the heap, and not as a mapping of its own.
constexpr std::size_t block = std::size_t{96} << 10;
constexpr int usual_top_pad = 128 << 10;
// Whoever sets one limit of malloc has to set these as well, since it stops adapting them: what is larger is a mapping
// of its own, and what is free on top of the heap goes back to the system.
constexpr int mapped_from = 4 << 20;
constexpr int kept_on_top = 8 << 20;

}  // namespace

void take_at_once(const void* begin, std::size_t bytes) {
  if (bytes < worth_it) return;
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto from = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
  const auto to = (reinterpret_cast<std::uintptr_t>(begin) + bytes) / page * page;
  void* const whole = reinterpret_cast<void*>(from);
  // Both are wishes: a system that cannot do it hands out pages one by one.
  (void)madvise(whole, to - from, MADV_HUGEPAGE);
  (void)madvise(whole, to - from, MADV_POPULATE_WRITE);
}

// The heap grows by the pad when its top is used up; nobody has touched that yet, so it can be of large pages.
HeapAhead::HeapAhead(std::size_t bytes) {
  if (bytes < worth_it || bytes > INT_MAX || mallopt(M_TOP_PAD, static_cast<int>(bytes)) == 0) return;
  taken_ = true;
  const void* const before = sbrk(0);
  std::vector<std::unique_ptr<char[]>> used_up;
  while (sbrk(0) == before && used_up.size() * block < worth_it)
    used_up.push_back(std::make_unique_for_overwrite<char[]>(block));
  const auto* const from = static_cast<const char*>(before);
  const auto* const to = static_cast<const char*>(sbrk(0));
  if (to > from) take_at_once(from, static_cast<std::size_t>(to - from));
}

HeapAhead::~HeapAhead() {
  if (!taken_) return;
  mallopt(M_TOP_PAD, usual_top_pad);
  mallopt(M_MMAP_THRESHOLD, mapped_from);
  mallopt(M_TRIM_THRESHOLD, kept_on_top);
  malloc_trim(usual_top_pad);
}

}  // namespace backhaul::os
