// SPDX-License-Identifier: Apache-2.0
#include "os/memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <vector>

namespace backhaul::os {
namespace {

constexpr std::size_t mib = 1U << 20;

// A sanitizer has a heap of its own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool usual_heap = false;
#elif defined(__has_feature)
constexpr bool usual_heap = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool usual_heap = true;
#endif

std::size_t resident() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t pages = 0;
  file >> all >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

long faults() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

class Pieces {
 public:
  explicit Pieces(std::size_t bytes) {
    for (std::size_t had = 0; had < bytes; had += size) {
      all_.push_back(static_cast<char*>(std::malloc(size)));
      all_.back()[0] = 'x';
    }
  }
  ~Pieces() {
    for (char* one : all_) std::free(one);
  }
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;

 private:
  static constexpr std::size_t size = 500;
  std::vector<char*> all_;
};

TEST(HeapAhead, WhatIsAllocatedNextIsThereAlready) {
  if (!usual_heap) GTEST_SKIP() << "not under a sanitizer";
  const HeapAhead ahead(32 * mib);
  const long before = faults();
  const Pieces pieces(24 * mib);
  EXPECT_LT(faults() - before, 24 * 256 / 4);
}

TEST(HeapAhead, WhatNobodyTookGoesBack) {
  if (!usual_heap) GTEST_SKIP() << "not under a sanitizer";
  const std::size_t before = resident();
  {
    const HeapAhead ahead(64 * mib);
    EXPECT_GT(resident(), before + 48 * mib);
  }
  EXPECT_LT(resident(), before + 8 * mib);
}

TEST(HeapAhead, LittleIsNotWorthIt) {
  const std::size_t before = resident();
  const HeapAhead ahead(mib);
  EXPECT_LT(resident(), before + mib);
}

}  // namespace
}  // namespace backhaul::os
